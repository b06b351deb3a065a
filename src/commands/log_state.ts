import { basename } from "node:path";
import type { LogSurvey } from "../observe/mod.ts";
import { plural } from "../text/mod.ts";

/** What became of a log's run: `empty` is a log without a record, which nothing can be made of. */
export type LogState = "complete" | "interrupted" | "limit" | "failed" | "killed" | "empty";

/** Reads it from what the log holds. */
export function logState({ run, end }: LogSurvey): LogState {
  if (run === undefined) return "empty";
  return end === "done" ? "complete" : end ?? "killed";
}

/** The same for a person. */
export const LOG_STATES: Readonly<Record<LogState, string>> = {
  complete: "complete",
  interrupted: "interrupted; can be resumed",
  limit: "stopped by --max-runtime; can be resumed",
  failed: "ended by a failure; can be resumed",
  killed: "killed, or still being written; can be resumed",
  empty: "empty; killed before its first line",
};

/** What stands behind the last line of a file, in words. */
export function tornText(file: string, octets: number): string {
  return `${file} ends in ${plural(octets, "octet")} that never became a line`;
}

/** The same of a whole log; nothing where it ends as it should. */
export function tornLines({ torn }: LogSurvey): string[] {
  return torn === undefined ? [] : [tornText(basename(torn.path), torn.octets)];
}

/** How many files a log has. */
export function segmentLine({ segments, compressed }: LogSurvey): string {
  return plural(segments, "segment") + (compressed > 0 ? `, ${compressed} compressed` : "");
}
