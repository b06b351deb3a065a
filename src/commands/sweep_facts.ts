import type { SweepOptions } from "../scan/options.ts";
import type { SweepPlan } from "../scan/plan.ts";
import type { SweepCounters, SweepOutcome } from "../scan/sweep_report.ts";
import type { LoadedTargets } from "../targets/mod.ts";

/** What is known of a sweep before its first probe. */
export interface SweepFacts {
  readonly options: SweepOptions;
  readonly loaded: LoadedTargets;
  readonly plan: SweepPlan;
  readonly seed: number;
  readonly startedAt: Date;
}

/** What is known of it when it is over. */
export interface SweepEnd {
  readonly outcome: SweepOutcome;
  readonly counters: SweepCounters;
  /** Records that were written. */
  readonly results: number;
}
