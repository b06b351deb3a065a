/** Fewer save nothing: what they hold dies young. */
const COUNT_MIN = 256;

/** Twice as many connections are worth having where at least this many times as many end in a second. */
const GAIN_MIN = 9 / 8;

/** A rate is that of at least so many ends, and of as many as are open at once, so that slow ones are in it. */
const MEASURED_MIN = 512;

/** Events come in batches, some milliseconds apart. */
const MEASURED_MS_MIN = 100;

/** Rates that are taken between a trial that failed and the next: half the connections may have cost half the rate. */
const REST_AFTER_FEWER = 64;

/** Twice as many cost nothing but what they hold. */
const REST_AFTER_MORE = 8;

/** How it stands after a batch of events. */
export interface FlowState {
  readonly atMs: number;
  /** Connections that have ended so far. */
  readonly ended: number;
  /** Whether there was room for no further one. */
  readonly isFull: boolean;
}

/** Connections at once, and how many of them ended in a millisecond. */
interface Yield {
  readonly count: number;
  readonly rate: number;
}

/**
 * How many connections at once are worth having. Where the servers or the way to them are busy, more of them end no
 * sooner: each waits longer, there and in our memory. Where they are far away, twice as many are twice as fast. How
 * long they take does not tell the one from the other, so half as many and twice as many are tried out now and then.
 */
export class WorthwhileFlows {
  readonly #countMax: number;
  #count: number;
  /** What was yielded before the trial that is under way. */
  #before: Yield | undefined;
  #triesFewer = true;
  #restLeft = 0;
  /** Ends that are still to come of what was opened under another count. */
  #unsettled: number;
  /** The first state that the next rate is taken from. */
  #start: FlowState | undefined;

  constructor(countMax: number) {
    this.#countMax = countMax;
    this.#count = countMax;
    this.#unsettled = countMax;
  }

  get count(): number {
    return this.#count;
  }

  /** Takes how it stands now; to be called after each batch. */
  observe(state: FlowState): void {
    this.#start ??= state;
    const ended = state.ended - this.#start.ended;
    if (!state.isFull) {
      // Whether more would be worth having shows only where that many are wanted.
      this.#before = undefined;
      this.#start = undefined;
    } else if (this.#unsettled > 0) {
      if (ended < this.#unsettled) return;
      this.#unsettled = 0;
      this.#start = state;
    } else if (ended >= Math.max(this.#count, MEASURED_MIN)) {
      const elapsedMs = state.atMs - this.#start.atMs;
      if (elapsedMs < MEASURED_MS_MIN) return;
      this.#start = state;
      this.#judge({ count: this.#count, rate: ended / elapsedMs });
    }
  }

  #judge(current: Yield): void {
    const before = this.#before;
    if (before === undefined) {
      if (--this.#restLeft < 0) this.#tryNext(current);
      return;
    }
    const [fewer, more] = before.count < current.count ? [before, current] : [current, before];
    const better = more.rate >= GAIN_MIN * fewer.rate ? more : fewer;
    if (better === current) return this.#tryNext(current);
    this.#change(before.count);
    this.#turnAround(this.#triesFewer ? REST_AFTER_FEWER : REST_AFTER_MORE);
  }

  #tryNext(current: Yield): void {
    const next = this.#triesFewer ? current.count / 2 : current.count * 2;
    if (next < COUNT_MIN || next > this.#countMax) return this.#turnAround(REST_AFTER_MORE);
    this.#change(next);
    this.#before = current;
  }

  #turnAround(rest: number): void {
    this.#before = undefined;
    this.#triesFewer = !this.#triesFewer;
    this.#restLeft = rest;
  }

  #change(count: number): void {
    this.#unsettled = Math.max(this.#count, count);
    this.#count = count;
  }
}
