/**
 * Addresses that are not ordinary hosts on the Internet: the IANA IPv4 and IPv6 Special-Purpose Address Registries
 * (RFC 6890, RFC 8190) and multicast, which has registries of its own.
 *
 * What is excluded follows the registries' column "Globally Reachable":
 * - True (the AS112 and AMT prefixes, the anycast addresses inside 192.0.0.0/24 and 2001::/23) is an ordinary
 *   destination by the registry's own word, even inside a block that isn't one. Such rows stand in the table only to
 *   be cut out of the block around them.
 * - False, "N/A" (Teredo, 6to4) and blank (withdrawn) are excluded.
 * - 64:ff9b::/96 says True and is excluded all the same: behind it lies IPv4, so it would be a way around the IPv4
 *   rows and around a blocklist.
 * - ::ffff:0:0/96 is missing: IPv4 itself is held there, and {@linkcode parseBlock} keeps IPv6 blocks off it.
 *
 * @module
 */

import { IPV4_FIRST, isIpv4 } from "./address.ts";
import { parseBlock } from "./block.ts";
import type { Interval } from "./interval.ts";
import { IntervalSet } from "./interval_set.ts";

/** "Last Updated" of the copy that the table was taken from; both registries bore the same date. */
export const SPECIAL_PURPOSE_REGISTRIES_DATE = "2025-10-09";

/** One row of a registry. */
export interface SpecialBlock extends Interval {
  /** As the registry writes it: `10.0.0.0/8`. */
  readonly cidr: string;
  readonly name: string;
  /** The RFC that the registry refers to. */
  readonly reference: string;
  readonly isExcluded: boolean;
}

/** In the registries' order, in which a block stands before the blocks inside it. */
export const SPECIAL_BLOCKS: readonly SpecialBlock[] = [
  excluded("0.0.0.0/8", "This network", "RFC 791"),
  excluded("0.0.0.0/32", "This host on this network", "RFC 1122"),
  excluded("10.0.0.0/8", "Private-Use", "RFC 1918"),
  excluded("100.64.0.0/10", "Shared Address Space", "RFC 6598"),
  excluded("127.0.0.0/8", "Loopback", "RFC 1122"),
  excluded("169.254.0.0/16", "Link Local", "RFC 3927"),
  excluded("172.16.0.0/12", "Private-Use", "RFC 1918"),
  excluded("192.0.0.0/24", "IETF Protocol Assignments", "RFC 6890"),
  excluded("192.0.0.0/29", "IPv4 Service Continuity Prefix", "RFC 7335"),
  excluded("192.0.0.8/32", "IPv4 dummy address", "RFC 7600"),
  reachable("192.0.0.9/32", "Port Control Protocol Anycast", "RFC 7723"),
  reachable("192.0.0.10/32", "Traversal Using Relays around NAT Anycast", "RFC 8155"),
  excluded("192.0.0.170/32", "NAT64/DNS64 Discovery", "RFC 8880"),
  excluded("192.0.0.171/32", "NAT64/DNS64 Discovery", "RFC 8880"),
  excluded("192.0.2.0/24", "Documentation (TEST-NET-1)", "RFC 5737"),
  reachable("192.31.196.0/24", "AS112-v4", "RFC 7535"),
  reachable("192.52.193.0/24", "AMT", "RFC 7450"),
  excluded("192.88.99.0/24", "Deprecated (6to4 Relay Anycast)", "RFC 7526"),
  excluded("192.88.99.2/32", "6a44-relay anycast address", "RFC 6751"),
  excluded("192.168.0.0/16", "Private-Use", "RFC 1918"),
  reachable("192.175.48.0/24", "Direct Delegation AS112 Service", "RFC 7534"),
  excluded("198.18.0.0/15", "Benchmarking", "RFC 2544"),
  excluded("198.51.100.0/24", "Documentation (TEST-NET-2)", "RFC 5737"),
  excluded("203.0.113.0/24", "Documentation (TEST-NET-3)", "RFC 5737"),
  // IANA IPv4 Multicast Address Space Registry.
  excluded("224.0.0.0/4", "Multicast", "RFC 5771"),
  excluded("240.0.0.0/4", "Reserved", "RFC 1112"),
  excluded("255.255.255.255/32", "Limited Broadcast", "RFC 919"),

  excluded("::1/128", "Loopback Address", "RFC 4291"),
  excluded("::/128", "Unspecified Address", "RFC 4291"),
  excluded("64:ff9b::/96", "IPv4-IPv6 Translat.", "RFC 6052"),
  excluded("64:ff9b:1::/48", "IPv4-IPv6 Translat.", "RFC 8215"),
  excluded("100::/64", "Discard-Only Address Block", "RFC 6666"),
  excluded("100:0:0:1::/64", "Dummy IPv6 Prefix", "RFC 9780"),
  excluded("2001::/23", "IETF Protocol Assignments", "RFC 2928"),
  excluded("2001::/32", "TEREDO", "RFC 4380"),
  reachable("2001:1::1/128", "Port Control Protocol Anycast", "RFC 7723"),
  reachable("2001:1::2/128", "Traversal Using Relays around NAT Anycast", "RFC 8155"),
  reachable("2001:1::3/128", "DNS-SD Service Registration Protocol Anycast", "RFC 9665"),
  excluded("2001:2::/48", "Benchmarking", "RFC 5180"),
  reachable("2001:3::/32", "AMT", "RFC 7450"),
  reachable("2001:4:112::/48", "AS112-v6", "RFC 7535"),
  excluded("2001:10::/28", "Deprecated (previously ORCHID)", "RFC 4843"),
  reachable("2001:20::/28", "ORCHIDv2", "RFC 7343"),
  reachable("2001:30::/28", "Drone Remote ID Protocol Entity Tags (DETs) Prefix", "RFC 9374"),
  excluded("2001:db8::/32", "Documentation", "RFC 3849"),
  excluded("2002::/16", "6to4", "RFC 3056"),
  reachable("2620:4f:8000::/48", "Direct Delegation AS112 Service", "RFC 7534"),
  excluded("3fff::/20", "Documentation", "RFC 9637"),
  excluded("5f00::/16", "Segment Routing (SRv6) SIDs", "RFC 9602"),
  excluded("fc00::/7", "Unique-Local", "RFC 4193"),
  excluded("fe80::/10", "Link-Local Unicast", "RFC 4291"),
  // IANA IPv6 Multicast Address Space Registry.
  excluded("ff00::/8", "Multicast", "RFC 4291"),
];

const EXCLUDED_BLOCKS = IntervalSet.from(SPECIAL_BLOCKS.filter((block) => block.isExcluded));
const REACHABLE_BLOCKS = IntervalSet.from(SPECIAL_BLOCKS.filter((block) => !block.isExcluded));

/** Every address that is excluded unless it was named. */
export const SPECIAL_ADDRESSES: IntervalSet = EXCLUDED_BLOCKS.subtract(REACHABLE_BLOCKS);

/** The IPv4 rows by their 32-bit numbers. */
const IPV4_ROWS = SPECIAL_BLOCKS.filter(({ first }) => isIpv4(first)).map((block) => ({
  block,
  first: Number(block.first - IPV4_FIRST),
  last: Number(block.last - IPV4_FIRST),
}));
const IPV6_BLOCKS = SPECIAL_BLOCKS.filter(({ first }) => !isIpv4(first));

/** Whether an IPv4 row holds something of each /8. */
const HAS_IPV4_ROW = Array.from(
  { length: 256 },
  (_, octet) => IPV4_ROWS.some(({ first, last }) => first >>> 24 <= octet && octet <= last >>> 24),
);

/**
 * The smallest excluded block that holds the whole interval: who asks for such an interval has named that block.
 * `undefined` for ordinary addresses and for what reaches beyond one block (`0.0.0.0/0`).
 */
export function namedSpecialBlock({ first, last }: Interval): SpecialBlock | undefined {
  if (isIpv4(first)) return namedSpecialIpv4Block(Number(first - IPV4_FIRST), Number(last - IPV4_FIRST));
  return excludedOnly(innermost(IPV6_BLOCKS, first, last));
}

/** The same for an IPv4 interval by its 32-bit numbers. */
export function namedSpecialIpv4Block(first: number, last: number): SpecialBlock | undefined {
  // Nearly every target of a long list is ordinary, which this tells at once.
  if (!HAS_IPV4_ROW[first >>> 24]) return undefined;
  return excludedOnly(innermost(IPV4_ROWS, first, last)?.block);
}

function excludedOnly(block: SpecialBlock | undefined): SpecialBlock | undefined {
  return block?.isExcluded ? block : undefined;
}

/** The smallest block around the interval: the last, since a block stands before those inside it. */
function innermost<
  Address extends number | bigint,
  Row extends { readonly first: Address; readonly last: Address },
>(
  rows: readonly Row[],
  first: Address,
  last: Address,
): Row | undefined {
  for (let index = rows.length - 1; index >= 0; index -= 1) {
    const row = rows[index]!;
    if (row.first <= first && last <= row.last) return row;
  }
  return undefined;
}

/** `Private-Use 10.0.0.0/8 (RFC 1918)` */
export function formatSpecialBlock({ name, cidr, reference }: SpecialBlock): string {
  return `${name} ${cidr} (${reference})`;
}

function excluded(cidr: string, name: string, reference: string): SpecialBlock {
  return { cidr, name, reference, isExcluded: true, ...parseBlock(cidr)[0]! };
}

function reachable(cidr: string, name: string, reference: string): SpecialBlock {
  return { ...excluded(cidr, name, reference), isExcluded: false };
}
