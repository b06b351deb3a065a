import { snakeCase } from "../text/mod.ts";
import type { Counts } from "./capture_tally.ts";
import type { ScanCounters } from "./report.ts";

/** Those of them that are counted by name: outcomes and verdicts, of which some are called the same. */
const NAMED = ["captures", "verifications", "sessions"] as const;

/** Those that are counted again from what stands in the log when a run is gone on with, or are the same throughout. */
type Recounted = "targets" | "verified" | "uniqueCertificates";

/** What all processes of a run have counted together. */
export type RunTotals = Omit<ScanCounters, Recounted>;

const NUMBERS = [
  ...["sent", "passedOver", "open", "closed", "unreachable", "certificates"] as const,
  ...["bytesSent", "bytesReceived", "sendDrops", "receiveDrops", "elapsedMs"] as const,
];

/** The counters as the log carries them. Outcomes and verdicts bear a prefix. */
export function loggedCounters(counters: ScanCounters): Record<string, number> {
  const { captures: _, verifications: __, sessions: ___, ...numbers } = counters;
  const logged: Record<string, number> = {};
  for (const [name, count] of Object.entries(numbers)) logged[snakeCase(name)] = Math.round(count);
  for (const name of NAMED) {
    for (const [key, count] of Object.entries(counters[name])) logged[`${name}_${key}`] = count;
  }
  return logged;
}

/** What {@linkcode loggedCounters} wrote. What is no number there counts nothing. */
export function totalsOf(logged: Readonly<Record<string, unknown>>): RunTotals {
  const numberAt = (key: string) => {
    const value = logged[key];
    return typeof value === "number" && value >= 0 ? value : 0;
  };
  const named = (name: string): Counts =>
    Object.fromEntries(
      Object.keys(logged).filter((key) => key.startsWith(`${name}_`))
        .map((key) => [key.slice(name.length + 1), numberAt(key)]),
    );
  return {
    ...Object.fromEntries(NUMBERS.map((name) => [name, numberAt(snakeCase(name))])) as Pick<
      RunTotals,
      typeof NUMBERS[number]
    >,
    captures: named("captures"),
    verifications: named("verifications"),
    sessions: named("sessions"),
  };
}
