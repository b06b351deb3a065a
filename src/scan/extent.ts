import { type Order, walk, wholeOrder } from "../../ffi/mod.ts";
import { TARGET_COUNT_MAX, TargetError, type TargetSet, tooManyTargets } from "../targets/mod.ts";
import { formatCount } from "../text/mod.ts";
import type { TargetLimit, TargetOptions } from "./options.ts";
import type { Target } from "./target_feed.ts";

/** How much of a target set one run probes, and in which order. */
export interface Extent {
  /** Targets drawn from the set by its seed, for all shards together; 0 for every one. */
  readonly sampleCount: bigint;
  /** Targets that this run takes from its part of the walk. */
  readonly targetsMax: number;
  /** How many that will be: exact but for a shard, whose part differs from its share by chance. */
  readonly targetCount: number;
}

/** The packet plane numbers the targets that it draws from with 128 bits. */
const POPULATION_MAX = (1n << 128n) - 1n;

/**
 * What of the target set is to be probed.
 *
 * @throws {TargetError} for more targets than can be walked, or drawn from.
 */
export function extentOf(
  targets: TargetSet,
  options: Pick<TargetOptions, "sample" | "maxTargets" | "shard">,
): Extent {
  const { sample, maxTargets, shard } = options;
  if (targets.count > POPULATION_MAX) {
    throw new TargetError(
      `Cannot number ${formatCount(targets.count)} targets: even of a sample the whole is at most ` +
        `${formatCount(POPULATION_MAX)}; name fewer addresses or ports`,
    );
  }
  if (targets.count > TARGET_COUNT_MAX && sample === undefined && maxTargets === undefined) {
    throw tooManyTargets(targets.count);
  }
  const limited = maxTargets === undefined ? targets.count : limitOf(maxTargets, targets.count);
  const drawn = sample !== undefined
    ? shareOf(sample, targets.count)
    // Of what is too large to walk, a limit is a sample.
    : targets.count > TARGET_COUNT_MAX
    ? limited
    : 0n;
  if (drawn > TARGET_COUNT_MAX) {
    throw new TargetError(
      `Cannot draw ${formatCount(drawn)} of ${formatCount(targets.count)} targets: a walk orders at most ` +
        `${formatCount(TARGET_COUNT_MAX)}; give a smaller ${
          sample === undefined ? "--max-targets" : "--sample"
        }`,
    );
  }
  const whole = drawn === 0n ? targets.count : drawn;
  // Each shard takes its part of a limit, the first ones of what does not divide.
  const part = dividedUp(smaller(whole, limited) - BigInt(shard.index), BigInt(shard.count));
  return {
    sampleCount: drawn,
    targetsMax: maxTargets === undefined ? Number.MAX_SAFE_INTEGER : Number(part),
    targetCount: Number(part),
  };
}

/** The order in which a run with these options walks. */
export function orderOf(seed: bigint, { shard, cursor }: Pick<TargetOptions, "shard" | "cursor">): Order {
  return { ...wholeOrder(seed), shardIndex: shard.index, shardCount: shard.count, cursor };
}

/** The targets of a run, in the order in which it probes them, wherever they are routed. */
export function* inSendingOrder(
  targets: TargetSet,
  options: Pick<TargetOptions, "sample" | "maxTargets" | "shard" | "cursor">,
  seed: bigint,
): Generator<Target> {
  const { sampleCount, targetsMax } = extentOf(targets, options);
  yield* walk({ groups: targets.groups, sampleCount }, orderOf(seed, options), targetsMax);
}

function limitOf(limit: TargetLimit, count: bigint): bigint {
  return "count" in limit ? smaller(BigInt(limit.count), count) : shareOf(limit.share, count);
}

/**
 * Rounded up: a sample of something is something. Of the share as people write it: the nearest double of 0.1% is a
 * little more, and of 1,000 targets that would be two.
 */
function shareOf(share: number, count: bigint): bigint {
  const [, whole = "", fraction = "", exponent = "0"] = /^(\d+)(?:\.(\d+))?(?:e-(\d+))?$/.exec(
    String(share),
  )!;
  return dividedUp(count * BigInt(whole + fraction), 10n ** BigInt(fraction.length + Number(exponent)));
}

/** Of a dividend that is negative but above `-divisor`: 0. */
function dividedUp(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
