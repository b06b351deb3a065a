/** The width of the windows in which margay's bandwidth is judged. */
export const WINDOW_MILLISECONDS = 100;

/** Adds two series of bins that start together; the shorter one counts as silent behind its end. */
export function addBins(left: readonly number[], right: readonly number[]): number[] {
  const length = Math.max(left.length, right.length);
  return Array.from({ length }, (_, index) => (left[index] ?? 0) + (right[index] ?? 0));
}

/**
 * The rate in every window, each one millisecond after the one before, in bits per second. A series that is
 * shorter than the window is one window.
 *
 * @param bins octets per millisecond.
 */
export function windowRates(bins: readonly number[], width: number = WINDOW_MILLISECONDS): number[] {
  const bitsPerSecond = (octets: number) => octets * 8 * 1000 / width;
  let octets = bins.slice(0, width).reduce((sum, bin) => sum + bin, 0);
  const rates = [bitsPerSecond(octets)];
  for (let end = width; end < bins.length; end++) {
    octets += (bins[end] ?? 0) - (bins[end - width] ?? 0);
    rates.push(bitsPerSecond(octets));
  }
  return rates;
}

/** The highest of the rates; 0 when there are none. */
export function highestRate(rates: readonly number[]): number {
  return rates.reduce((highest, rate) => Math.max(highest, rate), 0);
}

/** The share of the rates, from 0 to 1, that are above a bound. */
export function shareAbove(rates: readonly number[], bound: number): number {
  return rates.length === 0 ? 0 : rates.filter((rate) => rate > bound).length / rates.length;
}

/**
 * The average rate from one bin to before another, in bits per second.
 *
 * @param bins octets per millisecond.
 * @param from index of the first bin; @param to index behind the last one.
 */
export function averageRate(bins: readonly number[], from = 0, to: number = bins.length): number {
  if (to <= from) return 0;
  return bins.slice(from, to).reduce((sum, bin) => sum + bin, 0) * 8 * 1000 / (to - from);
}
