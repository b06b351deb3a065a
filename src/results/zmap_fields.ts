import { isIpv4 } from "../targets/mod.ts";
import { ClockText } from "./clock_text.ts";
import type { Field, FieldValue } from "./field.ts";
import { isSegment, type Reply, type SweepRecord, type Verdict } from "./record.ts";
import { hasOption, optionNumber, TcpOption } from "./tcp_options.ts";

/** ZMap's words for what answered; it has none for targets that nothing is heard of. */
const CLASSIFICATIONS: Readonly<Record<Verdict, string>> = {
  open: "synack",
  closed: "rst",
  unreachable: "icmp",
  filtered: "filtered",
};

/** Of a target that is unreachable without an ICMP error: its neighbour is silent, or a socket does not tell. */
const UNHEARD = "unreachable";

/** The codes of ICMP type 3, destination unreachable: RFC 792, RFC 1122 (3.2.2.1) and RFC 1812 (5.2.7.1). */
const UNREACHABLE_CODES: readonly string[] = [
  "network unreachable",
  "host unreachable",
  "protocol unreachable",
  "port unreachable",
  "fragments required",
  "source route failed",
  "network unknown",
  "host unknown",
  "source host isolated",
  "network admin. prohibited",
  "host admin. prohibited",
  "network unreachable TOS",
  "host unreachable TOS",
  "communication admin. prohibited",
  "host precedence violation",
  "precedence cutoff",
];

const DESTINATION_UNREACHABLE = 3;

/** ZMap writes milliseconds, and the offset from UTC without a colon. */
const zmapTime = new ClockText(3, "+0000");

/**
 * The fields of ZMap's `tcp_synscan` module and of its framework, under the names of ZMap 4. A response's source is the
 * target: of an ICMP error too, as ZMap has it.
 */
export const ZMAP_FIELDS: readonly Field[] = [
  address("saddr", "The target's address.", ({ address }) => address),
  raw("saddr_raw", "The target's IPv4 address as a number in network order.", ({ address }) => address),
  address("daddr", "The address that the probe was sent from.", ({ reply }) => reply?.localAddress),
  raw("daddr_raw", "The same as a number in network order.", ({ reply }) => reply?.localAddress),
  number("ipid", "The IP identification of the answer.", ({ reply }) => reply?.ipId),
  number("ttl", "The answer's time to live as it arrived.", ({ reply }) => reply?.timeToLive),
  number("sport", "The target's port.", ({ port }) => port),
  number("dport", "The port that the probe was sent from.", ({ reply }) => reply?.localPort),
  segment("seqnum", "The TCP sequence number.", ({ sequence }) => sequence),
  segment("acknum", "The TCP acknowledgment number.", ({ acknowledgment }) => acknowledgment),
  segment("window", "The TCP window.", ({ window }) => window),
  segment(
    "tcpopt_mss",
    "TCP option: maximum segment size.",
    ({ options }) => optionNumber(options, TcpOption.segmentSize, { size: 2 }),
  ),
  segment("tcpopt_wscale", "TCP option: window scale, as a factor.", ({ options }) => {
    const shift = optionNumber(options, TcpOption.windowScale, { size: 1 });
    // RFC 7323, 2.3: a greater shift counts as 14.
    return shift === undefined ? undefined : 2 ** Math.min(shift, 14);
  }),
  segment(
    "tcpopt_sack_perm",
    "TCP option: 1 where selective acknowledgment is permitted.",
    ({ options }) => hasOption(options, TcpOption.sackPermitted) ? 1 : undefined,
  ),
  segment(
    "tcpopt_ts_val",
    "TCP option: timestamp.",
    ({ options }) => optionNumber(options, TcpOption.timestamps, { size: 8, width: 4 }),
  ),
  segment(
    "tcpopt_ts_ecr",
    "TCP option: the echo of the probe's timestamp.",
    ({ options }) => optionNumber(options, TcpOption.timestamps, { size: 8, skip: 4, width: 4 }),
  ),
  {
    name: "classification",
    kind: "text",
    words: [...Object.values(CLASSIFICATIONS), UNHEARD],
    description: "synack, rst or icmp; filtered for silence; unreachable where no ICMP error was seen.",
    value: ({ verdict, reply }) =>
      verdict === "unreachable" && reply?.icmp === undefined ? UNHEARD : CLASSIFICATIONS[verdict],
  },
  flag("success", "Whether it is a SYN-ACK.", ({ verdict }) => verdict === "open"),
  address("icmp_responder", "Who sent the ICMP error.", ({ reply }) => reply?.icmp?.responder),
  number("icmp_type", "The type of the ICMP error.", ({ reply }) => reply?.icmp?.type),
  number("icmp_code", "The code of the ICMP error.", ({ reply }) => reply?.icmp?.code),
  {
    name: "icmp_unreach_str",
    kind: "text",
    description: "The code of an IPv4 destination unreachable in words.",
    value: ({ address, reply }) =>
      isIpv4(address) && reply?.icmp?.type === DESTINATION_UNREACHABLE
        ? UNREACHABLE_CODES[reply.icmp.code] ?? "unknown"
        : undefined,
  },
  {
    name: "rtt",
    kind: "number",
    decimals: 3,
    description: "Milliseconds from probe to answer.",
    value: ({ reply }) => reply?.roundTripUs,
  },
  flag("repeat", "Whether the target had answered before: never, each is written once.", () => false),
  flag("cooldown", "Whether the answer came after the last probe.", ({ cooling }) => cooling),
  {
    name: "timestamp_str",
    kind: "text",
    description: "When the answer was received, UTC (ISO 8601).",
    value: ({ timeMs }) => zmapTime.format(timeMs),
    write: ({ timeMs }, out) => zmapTime.write(timeMs, out),
  },
  number("timestamp_ts", "The same in seconds since the epoch.", ({ timeMs }) => Math.floor(timeMs / 1000)),
  number(
    "timestamp_us",
    "The microseconds behind timestamp_ts.",
    ({ timeMs }) => Math.round(timeMs * 1000) % 1_000_000,
  ),
];

type ValueOf = (record: SweepRecord) => FieldValue;

function address(name: string, description: string, value: ValueOf): Field {
  return { name, kind: "address", description, value };
}

function number(name: string, description: string, value: ValueOf): Field {
  return { name, kind: "number", description, value };
}

function flag(name: string, description: string, value: ValueOf): Field {
  return { name, kind: "flag", description, value };
}

/** A number of a TCP segment: an ICMP error has none. */
function segment(name: string, description: string, value: (reply: Reply) => FieldValue): Field {
  return number(name, description, ({ reply }) => isSegment(reply) ? value(reply) : undefined);
}

/** The 32 bits of an IPv4 address as a little-endian machine reads them: 192.0.2.1 is 0x010200c0. */
function raw(name: string, description: string, value: (record: SweepRecord) => bigint | undefined): Field {
  return number(name, description, (record) => {
    const given = value(record);
    if (given === undefined || !isIpv4(given)) return undefined;
    const bits = Number(BigInt.asUintN(32, given));
    return ((bits & 0xff) << 24 | (bits & 0xff00) << 8 | bits >>> 8 & 0xff00 | bits >>> 24) >>> 0;
  });
}
