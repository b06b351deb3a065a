import type { OctetWriter } from "./octet_writer.ts";

/**
 * Times in UTC, as `2026-01-31T23:59:59.123` with so many decimals and something behind them. Records come by the
 * thousand in one second, whose text is made once.
 */
export class ClockText {
  readonly #decimals: number;
  readonly #suffix: string;
  #second = NaN;
  #text = "";

  /** @param decimals of a second, 1 to 6; what is finer is cut off. */
  constructor(decimals: number, suffix: string) {
    this.#decimals = decimals;
    this.#suffix = suffix;
  }

  /** @param timeMs since the epoch. */
  format(timeMs: number): string {
    const fraction = String(this.#split(timeMs)).padStart(this.#decimals, "0");
    return this.#text + fraction + this.#suffix;
  }

  /** The same into `out`, which takes a third of the time. */
  write(timeMs: number, out: OctetWriter): void {
    const fraction = this.#split(timeMs);
    out.text(this.#text);
    out.digits(fraction, this.#decimals);
    out.text(this.#suffix);
  }

  /** Makes the second's text the one that is at hand; returns its fraction in units of the last decimal. */
  #split(timeMs: number): number {
    const timeUs = Math.round(timeMs * 1000);
    const second = Math.floor(timeUs / 1_000_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#text = new Date(second * 1000).toISOString().slice(0, "2026-01-31T23:59:59.".length);
    }
    return Math.floor((timeUs - second * 1_000_000) / 10 ** (6 - this.#decimals));
  }
}
