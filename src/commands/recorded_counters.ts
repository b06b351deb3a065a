import { snakeCase } from "../text/mod.ts";

/** A whole number; as text beyond 2^53, where JSON readers round. */
export function recordedCount(count: number): number | string {
  return Math.abs(count) <= Number.MAX_SAFE_INTEGER ? Math.round(count) : String(BigInt(count));
}

/** Counters as records have them: numbers are whole, and what is undefined is left out of JSON. */
export function recordedCounters(counters: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(counters).map(([name, value]) => [
      snakeCase(name),
      typeof value === "number" ? recordedCount(value) : value,
    ]),
  );
}
