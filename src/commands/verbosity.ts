import type { ReportOptions } from "../scan/options.ts";

/** Verbosity from which warnings are shown; below it only errors are. */
const WARNING_VERBOSITY = 1;

/** Verbosity from which progress and the summary are shown. */
const SUMMARY_VERBOSITY = 2;

/** What decides how much is said. */
type Loudness = Pick<ReportOptions, "quiet" | "verbosity">;

/** Whether warnings are wanted. */
export function showsWarnings({ quiet, verbosity }: Loudness): boolean {
  return !quiet && verbosity >= WARNING_VERBOSITY;
}

/** Whether progress and the summary are wanted. */
export function showsSummary({ quiet, verbosity }: Loudness): boolean {
  return !quiet && verbosity >= SUMMARY_VERBOSITY;
}
