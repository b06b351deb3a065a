import { IntervalSet, type TargetSet } from "../targets/mod.ts";
import { inSendingOrder } from "./extent.ts";
import type { TargetOptions } from "./options.ts";
import type { SweepPlan } from "./plan.ts";
import type { Target } from "./target_feed.ts";

/** What a walk is over, where no frames are sent. */
export interface KernelWalk {
  readonly plan: SweepPlan;
  readonly targets: TargetSet;
  readonly options: TargetOptions;
  readonly seed: bigint;
}

/** The targets of a run that has nothing but the kernel's sockets, without those that no route leads to. */
export function* kernelTargets({ plan, targets, options, seed }: KernelWalk): Generator<Target> {
  const reachable = IntervalSet.union(plan.kernel.map(({ addresses }) => addresses));
  for (const target of inSendingOrder(targets, options, seed)) {
    if (reachable.contains(target.address)) yield target;
  }
}
