/**
 * In which runs each certificate of a domain was served. Runs are ranks in the graph's order, certificates are the
 * store's keys.
 */
export class Timeline {
  /** The runs in which any of them was served, in order. */
  readonly runs: readonly number[];
  readonly #served = new Map<number, Set<number>>();
  readonly #first = new Map<number, number>();

  /** From each certificate with its runs. */
  constructor(runsOf: Iterable<readonly [certificate: number, runs: Iterable<number>]>) {
    for (const [certificate, runs] of runsOf) {
      for (const run of runs) {
        this.#at(run).add(certificate);
        this.#first.set(certificate, Math.min(run, this.#first.get(certificate) ?? run));
      }
    }
    this.runs = [...this.#served.keys()].sort((a, b) => a - b);
  }

  /** The certificates that were served in a run. */
  served(run: number): ReadonlySet<number> {
    return this.#served.get(run) ?? new Set();
  }

  /** Whether `certificate` could have taken the place of `other` in this run: it is newer, and the other is gone. */
  canSucceed(certificate: number, other: number, run: number): boolean {
    return this.#first.get(certificate)! > this.#first.get(other)! && !this.served(run).has(other);
  }

  /** Whether in any run something has come and something older has gone: without that nothing was succeeded. */
  hasChange(): boolean {
    const byAge = [...this.#first].sort(([, a], [, b]) => a - b);
    return this.runs.some((run) => {
      const served = this.served(run);
      const oldestGone = byAge.find(([certificate]) => !served.has(certificate));
      const newest = byAge.findLast(([certificate]) => served.has(certificate));
      return oldestGone !== undefined && newest !== undefined && newest[1] > oldestGone[1];
    });
  }

  #at(run: number): Set<number> {
    const known = this.#served.get(run);
    if (known !== undefined) return known;
    const certificates = new Set<number>();
    this.#served.set(run, certificates);
    return certificates;
  }
}
