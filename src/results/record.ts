/** What layer 4 says of a target: a SYN-ACK, a RST, an ICMP error, silence. */
export const VERDICTS = ["open", "closed", "unreachable", "filtered"] as const;

/** One of {@linkcode VERDICTS}. */
export type Verdict = (typeof VERDICTS)[number];

/** The ICMP or ICMPv6 error that stands behind a verdict. */
export interface IcmpError {
  /** RFC 792 for IPv4, RFC 4443 for IPv6. */
  readonly type: number;
  readonly code: number;
  /** Who sent it: the target, or a router on the way. */
  readonly responder: bigint;
}

/** The packet that an answer came in. What an ICMP error does not tell of the target (its window) is 0. */
export interface Reply {
  /** Where it came to: the probe's source. */
  readonly localAddress: bigint;
  readonly localPort: number;
  /** IPv4's time to live or IPv6's hop limit, as it arrived. */
  readonly timeToLive: number;
  /** As in the TCP header, unscaled. */
  readonly window: number;
  /** IPv4's identification; 0 for IPv6, which has none. */
  readonly ipId: number;
  readonly sequence: number;
  readonly acknowledgment: number;
  /** Microseconds since the probe left; undefined when that isn't known any more. */
  readonly roundTripUs: number | undefined;
  /** The TCP header's options as they came (RFC 9293, 3.1), padding included. */
  readonly options: Uint8Array;
  readonly icmp: IcmpError | undefined;
  /** Why a target is unreachable without a packet: nobody on the link has its address. */
  readonly reason: "no_neighbor" | undefined;
}

/**
 * The verdict on one target. Producers may use one object again and again: it, and everything in it, is valid only
 * during the call that hands it over.
 */
export interface SweepRecord {
  readonly verdict: Verdict;
  readonly address: bigint;
  readonly port: number;
  /** Since the epoch, with microseconds as its fraction: when the answer was received, or silence was concluded. */
  readonly timeMs: number;
  /** Whether it came after the last probe of its pass had left. */
  readonly cooling: boolean;
  /** Undefined for silence, and where the kernel's sockets answered: they show no packet. */
  readonly reply: Reply | undefined;
}

/** Whether there is a packet behind a reply: a segment or an ICMP error. */
export function isPacket(reply: Reply | undefined): reply is Reply {
  return reply !== undefined && reply.reason === undefined;
}

/** Whether there is a TCP segment behind a reply. */
export function isSegment(reply: Reply | undefined): reply is Reply {
  return isPacket(reply) && reply.icmp === undefined;
}
