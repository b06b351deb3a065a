/** Over how long speeds are measured. */
const WINDOW_MS = 3_000;

interface Sample {
  readonly count: number;
  readonly octets: number;
  readonly elapsedMs: number;
}

/** Speeds over the last seconds, from totals and the time that belongs to them. */
export interface Speed {
  /** Of what is counted: probes, records. */
  readonly countPerSecond: number;
  /** Both directions. */
  readonly bitsPerSecond: number;
}

/** Turns totals that are read now and then into {@linkcode Speed}. */
export class Speedometer {
  #samples: Sample[] = [];

  measure(count: number, octets: number, elapsedMs: number): Speed {
    this.#samples.push({ count, octets, elapsedMs });
    while (this.#samples.length > 2 && this.#samples[1]!.elapsedMs <= elapsedMs - WINDOW_MS) {
      this.#samples.shift();
    }
    // The first view has only the start to compare with.
    const oldest = this.#samples.length > 1 ? this.#samples[0]! : { count: 0, octets: 0, elapsedMs: 0 };
    const windowMs = Math.max(1, elapsedMs - oldest.elapsedMs);
    return {
      countPerSecond: (count - oldest.count) / windowMs * 1000,
      bitsPerSecond: (octets - oldest.octets) * 8 / windowMs * 1000,
    };
  }
}
