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
 * How many connections this side keeps up with. Beyond that number a further one makes all of them slower: the servers
 * wait for us, and what they have sent waits in our memory, where what is young and lasts costs most.
 */
export class FlowWindow {
  readonly #capacity: number;
  #size = SIZE_MIN;

  /** `capacity` is how many connections there is room for. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#size;
  }

  /** Takes how long all the events took that had come since the last batch. */
  adapt(batchMs: number): void {
    if (batchMs > LONG_BATCH_MS) this.#size = Math.max(SIZE_MIN, Math.floor(this.#size * SHRINKAGE));
    else if (batchMs < SHORT_BATCH_MS) this.#size = Math.min(this.#capacity, this.#size + GROWTH);
  }
}
