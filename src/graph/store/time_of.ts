/** In seconds: what a `Date` holds on either side of 1970 (ECMA-262, 21.4.1.1). */
const SECONDS_MAX = 8.64e12;

/** Seconds since 1970, as the store has times, as `2026-01-31T23:59:59Z`; `null` for what is none. */
export function timeOf(seconds: unknown): string | null {
  if (typeof seconds !== "number" || Math.abs(seconds) > SECONDS_MAX) return null;
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}
