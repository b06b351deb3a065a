/**
 * Numbers as people write and read them. Parsers throw an `Error` whose message is only the reason, to stand behind
 * "Cannot use --rate 10X: ".
 *
 * @module
 */

const MULTIPLES: Readonly<Record<string, number>> = { "": 1, K: 1e3, M: 1e6, G: 1e9 };

/**
 * Reads a whole number with ZMap's suffixes, powers of 1000 in either case: `250`, `10K`, `1.5M`, `2G`.
 *
 * @throws {Error} when it is none, or below `minimum`.
 */
export function parseCount(text: string, minimum = 1): number {
  const match = /^(\d+(?:\.\d+)?)([KMG]?)$/i.exec(text);
  if (!match) throw new Error("not a number, with K, M or G behind it for thousands, millions, billions");
  // Rounded, because 1.001 * 1000 is not 1001 in binary.
  const count = Number((Number(match[1]) * MULTIPLES[match[2]!.toUpperCase()]!).toFixed(3));
  if (!Number.isSafeInteger(count)) throw new Error("not a whole number that fits 53 bits");
  if (count < minimum) throw new Error(`below ${minimum}`);
  return count;
}

/**
 * Reads a number of seconds: `8`, `0.5`.
 *
 * @throws {Error} when it is none, or below `minimum`, or beyond a year.
 */
export function parseSeconds(text: string, minimum = 0): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new Error("not a number of seconds");
  const seconds = Number(text);
  if (seconds < minimum) throw new Error(`below ${minimum} seconds`);
  if (seconds > 366 * 86_400) throw new Error("longer than a year");
  return seconds;
}

/** Three digits and a suffix: `999`, `1.23K`, `45.6M`. For places where the width matters. */
export function formatShort(count: number): string {
  return scale(count, 1000, ["", "K", "M", "G", "T"], "");
}

/** `12.3 Mbit/s`. */
export function formatBits(bitsPerSecond: number): string {
  return `${scale(bitsPerSecond, 1000, ["", "k", "M", "G", "T"], " ")}bit/s`;
}

/** `12.3 MiB`. */
export function formatBytes(bytes: number): string {
  return `${scale(bytes, 1024, ["", "Ki", "Mi", "Gi", "Ti"], " ")}B`;
}

/** `0.4s`, `12s`, `3m 05s`, `2h 07m`, `4d 03h`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 9_950) return `${(milliseconds / 1000).toFixed(1)}s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 1440) return `${Math.floor(minutes / 60)}h ${two(minutes % 60)}m`;
  const hours = Math.round(minutes / 60);
  return `${Math.floor(hours / 24)}d ${two(hours % 24)}h`;
}

/** Part of a whole: `12.5%`; a part that isn't nothing never shows as `0.0%`, nor one that isn't all as `100.0%`. */
export function formatShare(part: number, whole: number): string {
  if (whole === 0) return "0.0%";
  const permille = Math.round(part / whole * 1000);
  if (part > 0 && permille === 0) return "<0.1%";
  if (part < whole && permille === 1000) return "99.9%";
  return `${(permille / 10).toFixed(1)}%`;
}

function scale(value: number, step: number, units: readonly string[], gap: string): string {
  let scaled = value;
  let unit = 0;
  // 999.5 would print as 1000: it belongs to the next unit.
  while (scaled >= 999.5 && unit < units.length - 1) {
    scaled /= step;
    unit += 1;
  }
  const digits = unit === 0 || scaled >= 99.95 ? 0 : scaled >= 9.995 ? 1 : 2;
  return `${scaled.toFixed(digits)}${gap}${units[unit]}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
