import { check, native } from "./library.ts";

const FOREVER_NS = 2n ** 64n - 1n;

/**
 * A token bucket in memory that the packet plane shares. The arithmetic is the library's, so that a probe, a capture
 * and a received frame are all counted by the same few lines.
 */
export class Bucket {
  readonly #memory: Uint8Array<ArrayBuffer>;
  readonly #wait = new BigUint64Array(1);
  /** A bucket without one is asked several times for each capture, and always has room. */
  #hasLimit = false;

  /** `memory` is the bucket's struct, all zero for a bucket without a limit; nobody else sets one. */
  constructor(memory: Uint8Array<ArrayBuffer>) {
    this.#memory = memory;
  }

  /** What a second may hold; 0 lifts the limit. `burstMs` is how much idle time may be made up for. */
  set(unitsPerSecond: number, burstMs: number): void {
    const burst = BigInt(Math.round(burstMs * 1e6));
    this.#hasLimit = unitsPerSecond > 0;
    check(native().margay_bucket_set(this.#memory, BigInt(Math.round(unitsPerSecond)), burst), "set a rate");
  }

  /**
   * Takes `units` when the bucket is at most `debtMs` in debt, and returns 0; else takes nothing and returns for how
   * many milliseconds to wait. Debt is how one spender goes before another: whoever may owe more is served first.
   */
  take(units: number, debtMs: number): number {
    if (!this.#hasLimit) return 0;
    const debt = BigInt(Math.round(debtMs * 1e6));
    check(native().margay_bucket_take(this.#memory, BigInt(units), debt, this.#wait), "take from the budget");
    return Number(this.#wait[0]) / 1e6;
  }

  /**
   * Takes `units` whatever the bucket holds: what has happened cannot wait. Debt beyond `debtMsMax` is forgiven, for
   * costs that strangers cause.
   */
  spend(units: number, debtMsMax = Infinity): void {
    if (!this.#hasLimit) return;
    const debt = debtMsMax === Infinity ? FOREVER_NS : BigInt(Math.round(debtMsMax * 1e6));
    check(native().margay_bucket_spend(this.#memory, BigInt(units), debt), "take from the budget");
  }

  refund(units: number): void {
    if (!this.#hasLimit) return;
    check(native().margay_bucket_refund(this.#memory, BigInt(units)), "give back to the budget");
  }
}
