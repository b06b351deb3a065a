import type { Blocklist } from "./blocklist.ts";
import { IntervalSet, IntervalSetBuilder } from "./intervals.ts";
import type { Layer } from "./layers.ts";
import { formatSpecialBlock, SPECIAL_ADDRESSES, SPECIAL_BLOCKS } from "./special_purpose.ts";
import type { TargetGroup } from "./target_set.ts";

/** How much of what was asked for was left out, and why. */
export interface Exclusion {
  readonly kind: "special" | "blocklist";
  /** `Private-Use 10.0.0.0/8 (RFC 1918)`, or the blocklist's path. */
  readonly reason: string;
  readonly targetCount: bigint;
  readonly addressCount: bigint;
}

/** Adds up what is left out for one reason. */
class Tally {
  readonly #kind: Exclusion["kind"];
  readonly #reason: string;
  readonly #addresses = new IntervalSetBuilder();
  #targetCount = 0n;

  constructor(kind: Exclusion["kind"], reason: string) {
    this.#kind = kind;
    this.#reason = reason;
  }

  add(removed: IntervalSet, portCount: number): void {
    for (const interval of removed) this.#addresses.add(interval);
    this.#targetCount += removed.addressCount * BigInt(portCount);
  }

  /** None if nothing was left out. */
  exclusions(): Exclusion[] {
    if (this.#targetCount === 0n) return [];
    const addressCount = this.#addresses.build().addressCount;
    return [{ kind: this.#kind, reason: this.#reason, targetCount: this.#targetCount, addressCount }];
  }
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
    return { ports, intervals: ordinary.subtract(SPECIAL_ADDRESSES).union(named) };
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
    return { ports, intervals: intervals.subtract(blocklist.addresses) };
  });
  return { groups: kept, exclusions: tally.exclusions() };
}
