/** In milliseconds: how finely it is known when a connection was opened. */
const PERIOD_MS = 125;

/** So many periods are counted apart. */
const PERIOD_COUNT = 64;

/** Half a second: what comes of a scan's first connections is waited for as long. */
const SPAN_MIN = 4;

/** An answer that takes so many times as long as half of them is not expected any more. */
const PATIENCE = 4;

/** In periods: how far one answer moves what is taken for the median. */
const MEDIAN_STEP = 1 / 16;

/** From so many on, so that looking back never comes before the first. */
const periodOf = (nowMs: number) => PERIOD_COUNT + Math.floor(nowMs / PERIOD_MS);

/**
 * How many of the connections that are open may be expected to be answered: those that have not yet waited for several
 * times as long as most answers take. Many servers accept whatever comes and then keep silent, each until its deadline:
 * soon they would be all that is counted. The median says how long an answer takes, since servers that close what is
 * idle answer late, and a few of them would move a mean far.
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
  #medianWait = 0;
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
    if (period - this.#period >= PERIOD_COUNT) this.#open.fill(0);
    else while (this.#period < period) this.#open[++this.#period % PERIOD_COUNT] = 0;
    this.#period = period;
    this.#span = Math.min(Math.max(Math.ceil(PATIENCE * this.#medianWait), SPAN_MIN), PERIOD_COUNT);
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
    // What ends in the period in which it was opened has lasted half of it.
    if (isAnswered) this.#medianWait += age + 0.5 > this.#medianWait ? MEDIAN_STEP : -MEDIAN_STEP;
    if (age < PERIOD_COUNT) this.#open[period % PERIOD_COUNT]!--;
    if (age < this.#span) this.#count--;
  }
}
