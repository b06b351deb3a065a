/** Fewer save nothing: what they hold dies young. */
const COUNT_MIN = 256;

/** Twice as many connections are worth having where at least this many times as many are answered in a second. */
const GAIN_MIN = 9 / 8;

/** A rate is that of so many answers at the least, and of as many as are open at once, so that slow ones are in it. */
const MEASURED_MIN = 512;

/** Events come in batches, some milliseconds apart. */
const MEASURED_MS_MIN = 100;

/** How it stands after a batch of events. */
export interface FlowReading {
  readonly atMs: number;
  /** Connections that were answered so far. */
  readonly answered: number;
  /** Connections that are open, and may still be answered. */
  readonly open: number;
}

/** How many were answered in a millisecond while so many were open. */
interface Measurement {
  readonly count: number;
  readonly rate: number;
}

/** What is tried out now and then. */
class Trial {
  #restLeft = 0;

  /** Multiplies the count by `factor`. Once it has failed, `rest` rates are taken before it is tried again. */
  constructor(readonly factor: number, readonly rest: number) {}

  get isDue(): boolean {
    return this.#restLeft === 0;
  }

  wait(): void {
    this.#restLeft = Math.max(0, this.#restLeft - 1);
  }

  fail(): void {
    this.#restLeft = this.rest;
  }
}

/**
 * How many connections at once are worth having. Where the servers or the way to them are busy, more of them are
 * answered no sooner: each waits longer, there and in our memory. Where they are far away, twice as many are twice as
 * fast. How long they take does not tell the one from the other, so half as many and twice as many are tried out.
 */
export class WorthwhileFlows {
  readonly #countMax: number;
  #count: number;
  /** Half the connections may cost half the rate. */
  readonly #fewer = new Trial(1 / 2, 64);
  /** Twice as many cost only what they hold. */
  readonly #more = new Trial(2, 4);
  /** What was measured before the trial that is under way. */
  #before: Measurement | undefined;
  /** Answers that are still to come to what was opened while the count was another. */
  #earlierLeft: number;
  /** The reading that the next rate is taken from. */
  #start: FlowReading | undefined;

  constructor(countMax: number) {
    this.#countMax = countMax;
    this.#count = countMax;
    this.#earlierLeft = countMax;
  }

  get count(): number {
    return this.#count;
  }

  /** To be called after each batch. */
  observe(reading: FlowReading): void {
    this.#start ??= reading;
    const answered = reading.answered - this.#start.answered;
    const elapsedMs = reading.atMs - this.#start.atMs;
    if (this.#isBehind(answered, elapsedMs)) {
      this.#giveUp(this.#fewer, this.#before!);
      this.#start = reading;
    } else if (this.#earlierLeft > 0) {
      if (answered < this.#earlierLeft) return;
      this.#earlierLeft = 0;
      this.#start = reading;
    } else if (reading.open < this.#count) {
      // Whether so many are worth having shows only where so many are wanted; nothing is lost by them elsewhere.
      this.#before = undefined;
      this.#start = reading;
    } else if (answered >= Math.max(this.#count, MEASURED_MIN) && elapsedMs >= MEASURED_MS_MIN) {
      this.#start = reading;
      this.#judge({ count: this.#count, rate: answered / elapsedMs });
    }
  }

  #judge(current: Measurement): void {
    const before = this.#before;
    this.#before = undefined;
    if (before === undefined) return this.#tryOne(current);
    const [trial, fewer, more] = before.count < current.count
      ? [this.#more, before, current]
      : [this.#fewer, current, before];
    const better = more.rate >= GAIN_MIN * fewer.rate ? more : fewer;
    if (better === current) {
      // Halved again and again, a little would be lost each time.
      this.#try(trial, { count: current.count, rate: Math.max(current.rate, before.rate) });
    } else {
      this.#giveUp(trial, before);
    }
  }

  /** Whether a trial of fewer shows already, well before its rate is taken, that it costs too much. */
  #isBehind(answered: number, elapsedMs: number): boolean {
    if (this.#before === undefined || this.#before.count < this.#count) return false;
    return answered + MEASURED_MIN < this.#before.rate * elapsedMs / GAIN_MIN;
  }

  #giveUp(trial: Trial, { count }: Measurement): void {
    this.#before = undefined;
    this.#change(count);
    trial.fail();
  }

  #tryOne(current: Measurement): void {
    // More first: it makes good what a trial of fewer judged wrongly.
    const isUnderWay = this.#more.isDue && this.#try(this.#more, current) ||
      this.#fewer.isDue && this.#try(this.#fewer, current);
    if (isUnderWay) return;
    this.#more.wait();
    this.#fewer.wait();
  }

  /** False where there is no such count. */
  #try({ factor }: Trial, current: Measurement): boolean {
    const count = current.count * factor;
    if (count < COUNT_MIN || count > this.#countMax) return false;
    this.#change(count);
    this.#before = current;
    return true;
  }

  #change(count: number): void {
    this.#earlierLeft = Math.max(this.#count, count);
    this.#count = count;
  }
}
