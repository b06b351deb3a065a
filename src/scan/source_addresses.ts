/**
 * The addresses that probes come from: those that were asked for, else the one that the kernel would choose.
 *
 * @module
 */
import type { LocalAddress, Route } from "../../ffi/mod.ts";
import { formatAddress, fromCidr, type Interval, IntervalSet, isIpv4, parsePrefix } from "../targets/mod.ts";
import { UsageError } from "./errors.ts";
import { isLinkLocal, isUniqueLocal } from "./routing.ts";

/** Each costs a probe built in advance, for every next hop. */
const SOURCE_COUNT_MAX = 4096;

/** RT_SCOPE_HOST of linux/rtnetlink.h: an address that is good for this host alone. */
const SCOPE_HOST = 254;

/** Loopback, multicast and "this host": RFC 6890 says that they are no sources, or of no packet that leaves. */
const NO_SOURCES = IntervalSet.from(
  ["127.0.0.0/8", "0.0.0.0/8", "224.0.0.0/4", "255.255.255.255/32", "::/127", "ff00::/8"].map((block) =>
    parsePrefix(block)!
  ),
);

/**
 * Reads addresses and CIDRs of either family, separated by commas.
 *
 * @returns each address once, in ascending order.
 * @throws {UsageError} for what is none, cannot be a source, or is too much.
 */
export function parseSourceAddresses(text: string): readonly bigint[] {
  const blocks = IntervalSet.from(
    text.split(",").map((part) => {
      const block = parsePrefix(part.trim());
      if (block !== undefined) return block;
      throw new UsageError(`Cannot send from ${part.trim() || `"${text}"`}: not an address and not a CIDR`);
    }),
  );
  if (!blocks.intersect(NO_SOURCES).isEmpty) {
    throw new UsageError(
      `Cannot send from ${text}: no answer finds its way to a loopback or multicast address; name one of this ` +
        "host's; see: ip address",
    );
  }
  if (blocks.addressCount > SOURCE_COUNT_MAX) {
    throw new UsageError(
      `Cannot send from ${text}: more than ${SOURCE_COUNT_MAX} addresses; name fewer with -S`,
    );
  }
  return [...blocks].flatMap(({ first, last }) =>
    Array.from({ length: Number(last - first) + 1 }, (_, offset) => first + BigInt(offset))
  );
}

/**
 * The source of packets that take `route`, as the kernel chooses it (RFC 6724, 5, as far as a whole route can follow
 * it: rules 2, 3, 5, 6 and 8) except that an address made up for privacy is the last choice: it may be gone before the
 * answers arrive. Undefined when this host has none that fits.
 */
export function defaultSource(route: Route, addresses: readonly LocalAddress[]): bigint | undefined {
  if (route.source !== 0n) return route.source;
  const { destination, prefixLength, interfaceIndex } = route;
  const neighbor = route.kind === "gateway" ? route.gateway : destination;
  const toLink = isLinkLocal(destination) && prefixLength >= 10;
  const merit = (candidate: LocalAddress) => [
    candidate.interfaceIndex === interfaceIndex,
    !candidate.isDeprecated,
    isWithin(neighbor, fromCidr(candidate.address, candidate.prefixLength)),
    isUniqueLocal(candidate.address) === isUniqueLocal(destination),
    !candidate.isTemporary,
  ];
  const family = isIpv4(destination) && prefixLength >= 96;
  return addresses
    .filter(({ address, isTentative, scope, interfaceIndex: index }) =>
      isIpv4(address) === family && !isTentative && scope !== SCOPE_HOST &&
      isLinkLocal(address) === toLink && (!toLink || index === interfaceIndex)
    )
    .map((candidate) => ({ candidate, merits: merit(candidate) }))
    // Sorting is stable: of equals, the first one that the kernel lists.
    .sort((a, b) => compareMerits(b.merits, a.merits))[0]?.candidate.address;
}

function isWithin(address: bigint, { first, last }: Interval): boolean {
  return first <= address && address <= last;
}

function compareMerits(a: readonly boolean[], b: readonly boolean[]): number {
  const index = a.findIndex((merit, at) => merit !== b[at]);
  return index < 0 ? 0 : Number(a[index]) - Number(b[index]);
}

/** Sources in a few words: `192.0.2.8 and 3 more`. */
export function describeSources(sources: readonly bigint[]): string {
  const first = formatAddress(sources[0]!);
  return sources.length === 1 ? first : `${first} and ${sources.length - 1} more`;
}
