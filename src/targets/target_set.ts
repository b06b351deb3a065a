import { createHash } from "node:crypto";
import { formatCount } from "../text/mod.ts";
import { IntervalSet } from "./interval_set.ts";
import type { ServerNames } from "./server_names.ts";
import { TargetError } from "./target_error.ts";

/** As many targets as one walk can order. A larger set, such as an IPv6 /32, can be sampled. */
export const TARGET_COUNT_MAX = (1n << 63n) - 1n;

/** Every address of `intervals` at every one of `ports`. */
export class TargetGroup {
  /** Sorted. */
  readonly ports: readonly number[];
  readonly intervals: IntervalSet;

  constructor(ports: readonly number[], intervals: IntervalSet) {
    this.ports = ports;
    this.intervals = intervals;
  }

  /** See {@linkcode IntervalSet.ipv4}. */
  get ipv4(): IntervalSet["ipv4"] {
    return this.intervals.ipv4;
  }

  /** See {@linkcode IntervalSet.ipv6}. */
  get ipv6(): IntervalSet["ipv6"] {
    return this.intervals.ipv6;
  }

  /** How many targets (address, port) there are. */
  get count(): bigint {
    return BigInt(this.ports.length) * this.intervals.addressCount;
  }
}

/**
 * The targets of a scan, each (address, port) once. Normal form: a port belongs to one group, all ports with the same
 * addresses share it, and groups are sorted by their first port; so the common case is one group.
 */
export class TargetSet {
  readonly groups: readonly TargetGroup[];
  readonly #groupByPort: ReadonlyMap<number, TargetGroup>;
  readonly #serverNames: ServerNames;

  /** `groups` may have equal addresses and may be empty, but no port may be in two of them. */
  constructor(groups: readonly TargetGroup[], serverNames: ServerNames) {
    this.groups = normalizeGroups(groups);
    this.#groupByPort = new Map(this.groups.flatMap((group) => group.ports.map((port) => [port, group])));
    this.#serverNames = serverNames;
  }

  /** How many targets (address, port) there are. */
  get count(): bigint {
    return this.groups.reduce((sum, group) => sum + group.count, 0n);
  }

  /** How many different addresses there are. */
  get addressCount(): bigint {
    return this.addresses.addressCount;
  }

  get addresses(): IntervalSet {
    return IntervalSet.union(this.groups.map((group) => group.intervals));
  }

  contains(address: bigint, port: number): boolean {
    return this.#groupByPort.get(port)?.intervals.contains(address) ?? false;
  }

  /** How many targets have an address in `addresses`. */
  countWithin(addresses: IntervalSet): bigint {
    return this.groups.reduce(
      (sum, { ports, intervals }) => sum + BigInt(ports.length) * intervals.countCommon(addresses),
      0n,
    );
  }

  /**
   * SHA-256 in hexadecimal over what the set holds, however it was written: the same on every machine, and another one
   * for any other set or names.
   */
  digest(): string {
    const hash = createHash("sha256");
    for (const { ports, ipv4, ipv6 } of this.groups) {
      hash.update(`ports ${ports.join()} ${ipv4.length} ${ipv6.length}\n`);
      for (const { buffer, byteOffset, byteLength } of [ipv4, ipv6]) {
        hash.update(new Uint8Array(buffer, byteOffset, byteLength));
      }
    }
    for (const line of this.#serverNames.lines()) hash.update(`${line}\n`);
    return hash.digest("hex");
  }

  /** Names to ask for at this target, none for most; undefined among them is a question without a name. */
  serverNames(address: bigint, port: number): readonly (string | undefined)[] {
    return this.#serverNames.get(address, port);
  }
}

/** For a set of more than {@linkcode TARGET_COUNT_MAX} targets that is to be scanned whole. */
export function tooManyTargets(count: bigint): TargetError {
  return new TargetError(
    `Cannot scan ${formatCount(count)} targets: a walk orders at most ` +
      `${formatCount(TARGET_COUNT_MAX)}; draw some of them with --sample or --max-targets`,
  );
}

function normalizeGroups(groups: readonly TargetGroup[]): TargetGroup[] {
  const merged = new Map<string, { ports: number[]; intervals: IntervalSet }[]>();
  for (const { ports, intervals } of groups) {
    if (intervals.isEmpty || ports.length === 0) continue;
    // Sets that differ here need no closer look; a list of (address, port) pairs has a group per port.
    const [start] = intervals;
    const likeness = `${start!.first} ${intervals.intervalCount} ${intervals.addressCount}`;
    const alike = merged.get(likeness) ?? [];
    const equal = alike.find((group) => group.intervals.equals(intervals));
    if (equal) equal.ports = equal.ports.concat(ports);
    else merged.set(likeness, [...alike, { ports: [...ports], intervals }]);
  }
  return [...merged.values()].flat()
    .map(({ ports, intervals }) => new TargetGroup(ports.sort((a, b) => a - b), intervals))
    .sort((a, b) => a.ports[0]! - b.ports[0]!);
}
