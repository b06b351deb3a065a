import { ClockText } from "./clock_text.ts";
import type { Field } from "./field.ts";
import { isPacket, isSegment, VERDICTS } from "./record.ts";
import { hasOption, optionKinds, optionNumber, TcpOption } from "./tcp_options.ts";

const isoTime = new ClockText(6, "Z");

/** margay's own fields. */
export const FIELDS: readonly Field[] = [
  {
    name: "address",
    kind: "address",
    description: "The target's address.",
    value: ({ address }) => address,
  },
  { name: "port", kind: "number", description: "The target's port.", value: ({ port }) => port },
  {
    name: "verdict",
    kind: "text",
    words: VERDICTS,
    description: "open (SYN-ACK), closed (RST), unreachable (ICMP error) or filtered (silence).",
    value: ({ verdict }) => verdict,
  },
  {
    name: "time",
    kind: "text",
    description: "When the answer was received, UTC (ISO 8601).",
    value: ({ timeMs }) => isoTime.format(timeMs),
    write: ({ timeMs }, out) => isoTime.write(timeMs, out),
  },
  {
    name: "rtt",
    kind: "number",
    decimals: 3,
    description: "Milliseconds from probe to answer.",
    value: ({ reply }) => reply?.roundTripUs,
  },
  {
    name: "ttl",
    kind: "number",
    description: "The answer's time to live, or hop limit, as it arrived.",
    value: ({ reply }) => isPacket(reply) ? reply.timeToLive : undefined,
  },
  {
    name: "window",
    kind: "number",
    description: "The TCP window, unscaled.",
    value: ({ reply }) => isSegment(reply) ? reply.window : undefined,
  },
  {
    name: "ip_id",
    kind: "number",
    description: "The identification of an IPv4 answer.",
    value: ({ reply }) => isPacket(reply) ? reply.ipId : undefined,
  },
  {
    name: "sequence",
    kind: "number",
    description: "The TCP sequence number.",
    value: ({ reply }) => isSegment(reply) ? reply.sequence : undefined,
  },
  {
    name: "acknowledgment",
    kind: "number",
    description: "The TCP acknowledgment number.",
    value: ({ reply }) => isSegment(reply) ? reply.acknowledgment : undefined,
  },
  {
    name: "options",
    kind: "text",
    description: "The kinds of the TCP options in their order, such as 2-4-8-1-3.",
    value: ({ reply }) => reply && optionKinds(reply.options),
  },
  {
    name: "mss",
    kind: "number",
    description: "TCP option: maximum segment size.",
    value: ({ reply }) => reply && optionNumber(reply.options, TcpOption.segmentSize, { size: 2 }),
  },
  {
    name: "window_scale",
    kind: "number",
    description: "TCP option: window scale, as the power of two.",
    value: ({ reply }) => reply && optionNumber(reply.options, TcpOption.windowScale, { size: 1 }),
  },
  {
    name: "sack_permitted",
    kind: "flag",
    description: "TCP option: selective acknowledgment.",
    value: ({ reply }) => isSegment(reply) ? hasOption(reply.options, TcpOption.sackPermitted) : undefined,
  },
  {
    name: "timestamp_value",
    kind: "number",
    description: "TCP option: timestamp.",
    value: ({ reply }) => reply && optionNumber(reply.options, TcpOption.timestamps, { size: 8, width: 4 }),
  },
  {
    name: "timestamp_echo",
    kind: "number",
    description: "TCP option: the echo of the probe's timestamp.",
    value: ({ reply }) =>
      reply && optionNumber(reply.options, TcpOption.timestamps, { size: 8, skip: 4, width: 4 }),
  },
  {
    name: "local_address",
    kind: "address",
    description: "The address that the probe was sent from.",
    value: ({ reply }) => reply?.localAddress,
  },
  {
    name: "local_port",
    kind: "number",
    description: "The port that the probe was sent from.",
    value: ({ reply }) => reply?.localPort,
  },
  {
    name: "icmp_type",
    kind: "number",
    description: "The type of an ICMP or ICMPv6 error.",
    value: ({ reply }) => reply?.icmp?.type,
  },
  {
    name: "icmp_code",
    kind: "number",
    description: "The code of an ICMP or ICMPv6 error.",
    value: ({ reply }) => reply?.icmp?.code,
  },
  {
    name: "icmp_responder",
    kind: "address",
    description: "Who sent the error.",
    value: ({ reply }) => reply?.icmp?.responder,
  },
  {
    name: "reason",
    kind: "text",
    words: ["no_neighbor"],
    description:
      "Why a target is unreachable without an answer: nobody on the link has its address (no_neighbor).",
    value: ({ reply }) => reply?.reason,
  },
];
