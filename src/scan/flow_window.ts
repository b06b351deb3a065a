import { type FlowReading, WorthwhileFlows } from "./worthwhile_flows.ts";

/** At the least as many connections as a round trip of some milliseconds needs. */
const SIZE_MIN = 128;

/** Connections by which the window grows with each batch that is done in no time. */
const GROWTH = 32;

/** The part that is left of the window after a batch that took too long. */
const SHRINKAGE = 3 / 4;

/** A batch of events that is done sooner leaves time to spare; in milliseconds. */
const SHORT_BATCH_MS = 1;

/** A batch of events that takes longer has been waiting; in milliseconds. */
const LONG_BATCH_MS = 4;

/**
 * How many connections may be open whose server may be expected to answer: as many as this side keeps up with, and of
 * those as many as are worth having. Beyond the former a further one makes all of them slower: the servers wait for us,
 * and what they have sent waits in our memory, where what is young and lasts costs most.
 */
export class FlowWindow {
  readonly #sizeMax: number;
  readonly #worthwhile: WorthwhileFlows;
  #manageable = SIZE_MIN;

  constructor(sizeMax: number) {
    this.#sizeMax = sizeMax;
    this.#worthwhile = new WorthwhileFlows(sizeMax);
  }

  get size(): number {
    return Math.min(this.#manageable, this.#worthwhile.count);
  }

  /** Takes how long all the events took that had come since the last batch, and how it stands behind them. */
  adapt(batchMs: number, reading: FlowReading): void {
    if (batchMs > LONG_BATCH_MS) {
      this.#manageable = Math.max(SIZE_MIN, Math.floor(this.#manageable * SHRINKAGE));
    } else if (batchMs < SHORT_BATCH_MS) {
      this.#manageable = Math.min(this.#sizeMax, this.#manageable + GROWTH);
    }
    this.#worthwhile.observe(reading);
  }
}
