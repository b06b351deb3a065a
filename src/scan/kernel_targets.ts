import { NO_PROGRESS, walkInSteps, type WalkProgress } from "../../ffi/mod.ts";
import { IntervalSet, type TargetSet } from "../targets/mod.ts";
import { type Extent, orderOf } from "./extent.ts";
import type { PaceOptions, TargetOptions } from "./options.ts";
import type { SweepPlan } from "./plan.ts";
import type { Target } from "./target_feed.ts";

/** What a walk is over, where no frames are sent. */
export interface KernelWalk {
  readonly plan: SweepPlan;
  readonly targets: TargetSet;
  readonly extent: Extent;
  readonly options: Pick<TargetOptions, "shard" | "cursor"> & Pick<PaceOptions, "retries">;
  readonly seed: bigint;
  /** Of an earlier process. */
  readonly progress: WalkProgress;
}

/** Where in the walk a target stands: at the earliest. */
interface Place {
  readonly cursor: bigint;
  /** Targets in front of it. */
  readonly targetCount: number;
}

interface PlacedTarget extends Target {
  readonly place: Place;
}

/** The targets of a run that has nothing but the kernel's sockets, without those that no route leads to. */
export class KernelTargets implements Iterable<Target> {
  readonly #walk: KernelWalk;
  readonly #start: Place;
  #place: Place;

  constructor(walk: KernelWalk) {
    this.#walk = walk;
    this.#start = startOf(walk);
    this.#place = this.#start;
  }

  *[Symbol.iterator](): Generator<PlacedTarget> {
    const { plan, targets, extent, options, seed } = this.#walk;
    const reachable = IntervalSet.union(plan.kernel.map(({ addresses }) => addresses));
    const { cursor, targetCount } = this.#start;
    const sampled = { groups: targets.groups, sampleCount: extent.sampleCount };
    const left = extent.targetsMax - targetCount;
    for (const { found, cursor: end } of walkInSteps(sampled, { ...orderOf(seed, options), cursor }, left)) {
      const place = this.#place;
      for (const target of found) {
        if (reachable.contains(target.address)) yield { ...target, place };
      }
      this.#place = { cursor: end, targetCount: place.targetCount + found.length };
    }
  }

  /** How far the walk has come when `unsettled` is the first of its targets without an outcome. */
  progressBefore(unsettled: Target | undefined): WalkProgress {
    const { cursor, targetCount } = (unsettled as PlacedTarget | undefined)?.place ?? this.#place;
    // A target is asked as often as it is to be before the next ones are: behind the cursor no pass is left.
    return { cursor, targetCount, repeatCursor: cursor, repeatPass: this.#walk.options.retries };
  }
}

/**
 * Where to go on. The packet plane asks again in passes of their own: where it has come with them says nothing of which
 * targets were asked how often, and all are asked anew.
 */
function startOf({ options, progress }: KernelWalk): Place {
  const { cursor, targetCount, repeatCursor, repeatPass } = progress;
  if (cursor === 0n) return { cursor: options.cursor, targetCount: 0 };
  const isSettled = options.retries === 0 || (repeatPass === options.retries && repeatCursor === cursor);
  return isSettled ? { cursor, targetCount } : NO_PROGRESS;
}
