import { type Order, walk, wholeOrder } from "../../ffi/mod.ts";
import { TARGET_COUNT_MAX, type TargetSet } from "../targets/mod.ts";
import type { TargetLimit, TargetOptions } from "./options.ts";
import type { Target } from "./target_feed.ts";

/** How much of a target set one run probes, and in which order. */
export interface Extent {
  /** Targets drawn from the set by its seed, for all shards together; 0 for every one. */
  readonly sampleCount: number;
  /** Targets that this run takes from its part of the walk. */
  readonly targetsMax: number;
  /** How many that will be: exact but for a shard, whose part differs from its share by chance. */
  readonly targetCount: number;
}

/** What of the target set is to be probed. */
export function extentOf(
  targets: TargetSet,
  options: Pick<TargetOptions, "sample" | "maxTargets" | "shard">,
): Extent {
  const { sample, maxTargets, shard } = options;
  const limited = maxTargets === undefined ? targets.count : limitOf(maxTargets, targets.count);
  const drawn = sample !== undefined
    ? shareOf(sample, targets.count)
    // Of what is too large to walk, a limit is a sample.
    : targets.count > TARGET_COUNT_MAX
    ? limited
    : 0n;
  const whole = drawn === 0n ? targets.count : drawn;
  // Each shard takes its part of a limit, the first ones of what does not divide.
  const part = Number(
    (smaller(whole, limited) + BigInt(shard.count - 1 - shard.index)) / BigInt(shard.count),
  );
  return {
    sampleCount: Number(drawn),
    targetsMax: maxTargets === undefined ? Number.MAX_SAFE_INTEGER : part,
    targetCount: part,
  };
}

/** The order in which a run with these options walks. */
export function orderOf(seed: bigint, { shard, cursor }: Pick<TargetOptions, "shard" | "cursor">): Order {
  return { ...wholeOrder(seed), shardIndex: shard.index, shardCount: shard.count, cursor };
}

/** The targets of a run, in the order in which it probes them, wherever they are routed. */
export function* inSendingOrder(targets: TargetSet, options: TargetOptions, seed: bigint): Generator<Target> {
  const { sampleCount, targetsMax } = extentOf(targets, options);
  yield* walk({ groups: targets.groups, sampleCount }, orderOf(seed, options), targetsMax);
}

function limitOf(limit: TargetLimit, count: bigint): bigint {
  return "count" in limit ? smaller(BigInt(limit.count), count) : shareOf(limit.share, count);
}

/** Rounded up: a sample of something is something. */
function shareOf(share: number, count: bigint): bigint {
  if (count <= BigInt(Number.MAX_SAFE_INTEGER)) return BigInt(Math.ceil(share * Number(count)));
  const billionths = BigInt(Math.ceil(share * 1e9));
  return (count * billionths + 999_999_999n) / 1_000_000_000n;
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
