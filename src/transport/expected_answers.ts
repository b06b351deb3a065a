/** In milliseconds: how finely it is known when a connection was opened. */
const PERIOD_MS = 125;

/** So many periods are counted apart. */
const PERIOD_COUNT = 64;

/** Half a second: what comes of a scan's first connections is waited for as long. */
const SPAN_MIN = 4;

/** An answer that takes so many times as long as the mean one is not expected any more. */
const PATIENCE = 4;

/** The mean is that of about so many answers. */
const MEAN_OF = 256;

/** From so many on, so that looking back never comes before the first. */
const periodOf = (nowMs: number) => PERIOD_COUNT + Math.floor(nowMs / PERIOD_MS);

/**
 * How many of the connections that are open may be expected to be answered: those that have not yet waited for several
 * times as long as answers take. Many servers accept whatever comes and then keep silent, each until its deadline: soon
 * they would be all that is counted.
 *
 * When a connection was opened is known by period only, so that none takes a clock of its own.
 */
export class ExpectedAnswers {
  /** How many are open of each period, which stands at its remainder. */
  readonly #open: number[] = Array.from({ length: PERIOD_COUNT }, () => 0);
  #period: number;
  /** How many periods are waited for an answer, the one under way included. */
  #span = SPAN_MIN;
  /** In periods. */
  #meanWait = 0;
  #count = 0;

  constructor(nowMs: number) {
    this.#period = periodOf(nowMs);
  }

  get count(): number {
    return this.#count;
  }

  /** Sets the clock. */
  advance(nowMs: number): void {
    const period = periodOf(nowMs);
    if (period <= this.#period) return;
    for (let past = Math.min(period - this.#period, PERIOD_COUNT); past > 0; past--) {
      this.#open[++this.#period % PERIOD_COUNT] = 0;
    }
    this.#period = period;
    this.#span = Math.min(Math.max(Math.ceil(PATIENCE * this.#meanWait), SPAN_MIN), PERIOD_COUNT);
    this.#count = 0;
    for (let age = 0; age < this.#span; age++) this.#count += this.#open[(period - age) % PERIOD_COUNT]!;
  }

  /** A connection was opened. Returns the period, to be given back by {@linkcode end}. */
  begin(): number {
    this.#open[this.#period % PERIOD_COUNT]!++;
    this.#count++;
    return this.#period;
  }

  /** A connection has ended. */
  end(period: number, isAnswered: boolean): void {
    const age = this.#period - period;
    // Opened in the period under way, it was so in the middle of it.
    if (isAnswered) this.#meanWait += (age + 0.5 - this.#meanWait) / MEAN_OF;
    if (age < PERIOD_COUNT) this.#open[period % PERIOD_COUNT]!--;
    if (age < this.#span) this.#count--;
  }
}
