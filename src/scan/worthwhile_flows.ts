/** Fewer save nothing: what they hold dies young. */
const COUNT_MIN = 256;

/** Twice as many connections are worth having where at least this many times as many are answered in a second. */
const GAIN_MIN = 9 / 8;

/** A rate is that of so many answers at the least, and of as many as are open at once, so that slow ones are in it. */
const MEASURED_MIN = 512;

/** Events come in batches, some milliseconds apart. */
const MEASURED_MS_MIN = 100;

/** How it stands after a batch of events. */
export interface FlowState {
  readonly atMs: number;
  /** Connections that have ended so far, those aside that their deadline ended. */
  readonly answered: number;
  /** Whether there was room for no further one. */
  readonly isFull: boolean;
}

/** Connections at once, and how many were answered in a millisecond. */
interface Yield {
  readonly count: number;
  readonly rate: number;
}

/** What is tried out. */
interface Trial {
  /** What the count is multiplied by. */
  readonly factor: number;
  /** How many rates are taken after it failed before it is tried again. */
  readonly rest: number;
}

/** Half the connections may cost half the rate. */
const FEWER: Trial = { factor: 1 / 2, rest: 64 };

/** Twice as many cost only what they hold. */
const MORE: Trial = { factor: 2, rest: 4 };

/**
 * How many connections at once are worth having. Where the servers or the way to them are busy, more of them are
 * answered no sooner: each waits longer, there and in our memory. Where they are far away, twice as many are twice as
 * fast. How long they take does not tell the one from the other, so half as many and twice as many are tried out now
 * and then, for as long as a rate takes.
 */
export class WorthwhileFlows {
  readonly #countMax: number;
  #count: number;
  /** What was yielded before the trial that is under way. */
  #before: Yield | undefined;
  /** How many rates are still to be taken before each trial. */
  readonly #restLeft = new Map([[FEWER, 0], [MORE, 0]]);
  /** Answers that are still to come to what was opened under another count. */
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
    const answered = state.answered - this.#start.answered;
    if (!state.isFull) {
      // Whether more would be worth having shows only where that many are wanted.
      this.#before = undefined;
      this.#start = undefined;
    } else if (this.#unsettled > 0) {
      if (answered < this.#unsettled) return;
      this.#unsettled = 0;
      this.#start = state;
    } else if (answered >= Math.max(this.#count, MEASURED_MIN)) {
      const elapsedMs = state.atMs - this.#start.atMs;
      if (elapsedMs < MEASURED_MS_MIN) return;
      this.#start = state;
      this.#judge({ count: this.#count, rate: answered / elapsedMs });
    }
  }

  #judge(current: Yield): void {
    const before = this.#before;
    this.#before = undefined;
    if (before === undefined) return this.#tryEither(current);
    const [trial, fewer, more] = before.count < current.count
      ? [MORE, before, current]
      : [FEWER, current, before];
    const better = more.rate >= GAIN_MIN * fewer.rate ? more : fewer;
    if (better === current) {
      this.#try(trial, current);
    } else {
      this.#change(before.count);
      this.#restLeft.set(trial, trial.rest);
    }
  }

  #tryEither(current: Yield): void {
    for (const [trial, left] of this.#restLeft) this.#restLeft.set(trial, left - 1);
    const isDue = (trial: Trial) => this.#restLeft.get(trial)! < 0;
    if (isDue(MORE) && this.#try(MORE, current)) return;
    if (isDue(FEWER)) this.#try(FEWER, current);
  }

  /** False where there is no such count. */
  #try({ factor }: Trial, current: Yield): boolean {
    const count = current.count * factor;
    if (count < COUNT_MIN || count > this.#countMax) return false;
    this.#change(count);
    this.#before = current;
    return true;
  }

  #change(count: number): void {
    this.#unsettled = Math.max(this.#count, count);
    this.#count = count;
  }
}
