/** How long an answer may take at the most, so that a probe without one counts. */
const ANSWER_MS = 1_000;

/** Probes before which chance decides. */
const PROBES_MIN = 1_000;

interface Sample {
  readonly at: number;
  readonly sent: number;
}

/** Watches the share of probes that find an open port, for `--min-hitrate`. */
export class HitRate {
  readonly #minimum: number;
  readonly #samples: Sample[] = [];

  /** `minimum` is between 0 and 1. */
  constructor(minimum: number) {
    this.#minimum = minimum;
  }

  /** Takes how things stand, and tells whether too few of the probes that could be answered by now have found one. */
  isTooLow(sent: number, open: number, now = performance.now()): boolean {
    this.#samples.push({ at: now, sent });
    while (this.#samples.length > 1 && this.#samples[1]!.at <= now - ANSWER_MS) this.#samples.shift();
    const [oldest] = this.#samples;
    const isOld = oldest!.at <= now - ANSWER_MS;
    return isOld && oldest!.sent >= PROBES_MIN && open < this.#minimum * oldest!.sent;
  }
}
