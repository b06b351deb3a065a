import { snakeCase } from "./recorded_options.ts";

/** Counters as records have them: numbers are whole, and what is undefined is left out of JSON. */
export function recordedCounters(counters: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(counters).map(([name, value]) => [
      snakeCase(name),
      typeof value === "number" ? Math.round(value) : value,
    ]),
  );
}
