import type { Blocklist } from "./blocklist.ts";
import { IntervalSet, IPV4_ADDRESSES } from "./interval_set.ts";
import type { Layer } from "./layers.ts";
import { formatSpecialBlock, SPECIAL_ADDRESSES, SPECIAL_BLOCKS } from "./special_purpose.ts";
import { TargetGroup } from "./target_set.ts";

/** How much of what was asked for was left out, and why. */
export interface Exclusion {
  readonly kind: "family" | "special" | "blocklist";
  /** `IPv6`, `Private-Use 10.0.0.0/8 (RFC 1918)`, or the blocklist's path. */
  readonly reason: string;
  readonly targetCount: bigint;
  readonly addressCount: bigint;
}

/** Adds up what is left out for one reason. */
class Tally {
  readonly #kind: Exclusion["kind"];
  readonly #reason: string;
  readonly #addresses: IntervalSet[] = [];
  #targetCount = 0n;

  constructor(kind: Exclusion["kind"], reason: string) {
    this.#kind = kind;
    this.#reason = reason;
  }

  add(removed: IntervalSet, portCount: number): void {
    if (removed.isEmpty) return;
    this.#addresses.push(removed);
    this.#targetCount += removed.addressCount * BigInt(portCount);
  }

  /** None if nothing was left out. */
  exclusions(): Exclusion[] {
    if (this.#targetCount === 0n) return [];
    const { addressCount } = IntervalSet.union(this.#addresses);
    return [{ kind: this.#kind, reason: this.#reason, targetCount: this.#targetCount, addressCount }];
  }
}

/** Takes the addresses of the other family away. */
export function excludeFamily(
  layers: readonly Layer[],
  family: 4 | 6,
): { layers: Layer[]; exclusions: Exclusion[] } {
  const tally = new Tally("family", family === 4 ? "IPv6" : "IPv4");
  const part = (intervals: IntervalSet, of: 4 | 6) =>
    of === 4 ? intervals.intersect(IPV4_ADDRESSES) : intervals.subtract(IPV4_ADDRESSES);
  const kept = layers.map(({ ports, ordinary, named }) => {
    tally.add(part(ordinary.union(named), family === 4 ? 6 : 4), ports.length);
    return { ports, ordinary: part(ordinary, family), named: part(named, family) };
  });
  return { layers: kept, exclusions: tally.exclusions() };
}

/** Takes special-purpose addresses away, except where they were named. */
export function excludeSpecial(layers: readonly Layer[]): { groups: TargetGroup[]; exclusions: Exclusion[] } {
  const blocks = SPECIAL_BLOCKS.map((block) => ({
    addresses: IntervalSet.from([block]),
    tally: new Tally("special", formatSpecialBlock(block)),
  }));
  const groups = layers.map(({ ports, ordinary, named }) => {
    let removed = ordinary.intersect(SPECIAL_ADDRESSES).subtract(named);
    for (const { addresses, tally } of blocks) {
      if (removed.isEmpty) break;
      tally.add(removed.intersect(addresses), ports.length);
      // An address in a block inside a block counts once.
      removed = removed.subtract(addresses);
    }
    return new TargetGroup(ports, ordinary.subtract(SPECIAL_ADDRESSES).union(named));
  });
  return { groups, exclusions: blocks.flatMap(({ tally }) => tally.exclusions()) };
}

/** Takes the addresses of `blocklist` away, whoever asked for them. */
export function excludeBlocklist(
  groups: readonly TargetGroup[],
  blocklist: Blocklist,
): { groups: TargetGroup[]; exclusions: Exclusion[] } {
  const tally = new Tally("blocklist", blocklist.path);
  const kept = groups.map(({ ports, intervals }) => {
    tally.add(intervals.intersect(blocklist.addresses), ports.length);
    return new TargetGroup(ports, intervals.subtract(blocklist.addresses));
  });
  return { groups: kept, exclusions: tally.exclusions() };
}
