import { Control, NO_PROGRESS, type WalkProgress } from "../../ffi/mod.ts";
import { Governor } from "../governor/mod.ts";
import { PairSetBuilder, type TargetSet } from "../targets/mod.ts";
import { type Extent, extentOf } from "./extent.ts";
import { KernelLane } from "./kernel_lane.ts";
import { KernelTargets } from "./kernel_targets.ts";
import type { Lane, LaneCounters } from "./lane.ts";
import type { ScanOptions } from "./options.ts";
import type { SweepPlan } from "./plan.ts";
import { type Target, TargetFeed } from "./target_feed.ts";
import { WireLane } from "./wire_lane.ts";

/** What one walk of a scan is over. */
export interface StageSetup {
  readonly plan: SweepPlan;
  readonly targets: TargetSet;
  readonly extent: Extent;
  readonly options: ScanOptions;
  readonly seed: bigint;
  /** False for tests only: see `PlaneConfig.guarded`. */
  readonly guarded: boolean;
  /** Of an earlier process. */
  readonly progress: WalkProgress;
  /** How many processes of the run went before. */
  readonly processes: number;
}

/** Hosts that are known to be there are asked again so often at the least. */
const REVISIT_RETRIES = 2;

/** The same over some targets alone, each of them. */
export function revisitOf(walk: StageSetup, pending: readonly Target[]): StageSetup {
  const pairs = new PairSetBuilder();
  for (const { address, port } of pending) pairs.add(address, port);
  const targets = pairs.build();
  const whole = { sample: undefined, maxTargets: undefined, shard: { index: 0, count: 1 } };
  const retries = Math.max(walk.options.retries, REVISIT_RETRIES);
  const options = { ...walk.options, ...whole, retries };
  return { ...walk, targets, extent: extentOf(targets, whole), options, progress: NO_PROGRESS };
}

/** One walk of a scan, with what is reserved for it on this machine. */
export class Stage {
  readonly lanes: readonly Lane[];
  readonly governor: Governor;
  #disposing: Promise<unknown> | undefined;

  private constructor(lanes: readonly Lane[], governor: Governor) {
    this.lanes = lanes;
    this.governor = governor;
  }

  /** Sends nothing to a target. */
  static async open(setup: StageSetup): Promise<Stage> {
    const { options, plan } = setup;
    const control = new Control();
    const governor = new Governor(control, {
      probesPerSecond: options.rate,
      bitsPerSecond: options.bandwidth,
    });
    const kernelSettings = { retries: options.retries, concurrency: options.concurrency };
    if (plan.hops.length === 0) {
      return new Stage([new KernelLane(new KernelTargets(setup), kernelSettings, governor)], governor);
    }
    const diverted = new TargetFeed();
    const wire = await WireLane.open(setup, diverted, control);
    const kernel = plan.kernel.length > 0 ? [new KernelLane(diverted, kernelSettings, governor)] : [];
    return new Stage([wire, ...kernel], governor);
  }

  get counters(): readonly LaneCounters[] {
    return this.lanes.map((lane) => lane.counters());
  }

  /** How far the walk has come, once every host in front of that place was told of; undefined when it is not known. */
  async progress(): Promise<WalkProgress | undefined> {
    const places = await Promise.all(this.lanes.map((lane) => lane.progress()));
    return places.find((place) => place !== undefined);
  }

  stopSending(): void {
    for (const lane of this.lanes) lane.stopSending();
  }

  /** Also when it is called again. */
  async dispose(): Promise<void> {
    await (this.#disposing ??= Promise.all(this.lanes.map((lane) => lane.dispose())));
  }
}
