// In the lab's shell: says how what a run of margay captured compares with what is there.
//
//   compare FOLDER
//
// The exit status is 1 when anything is missing or wrong.
import { TRUTH_FILE } from "./lab_session.ts";
import { readRunLog } from "./run_log.ts";
import { compareWithTruth, readTruth } from "./truth.ts";

/** Targets of each kind that are named; the rest are only counted. */
const NAMED_COUNT_MAX = 5;

const [folder, ...rest] = Deno.args;
if (folder === undefined || rest.length > 0) {
  console.error("usage: compare FOLDER, a run of margay");
  Deno.exit(2);
}
Deno.exit(await compare(folder).catch(fail));

async function compare(folder: string): Promise<number> {
  const [truth, log] = await Promise.all([readTruth(TRUTH_FILE), readRunLog(folder)]);
  const { live, captured, missing, unexpected, different } = compareWithTruth(truth, log.captures);
  console.log(
    `${count(captured)} of ${count(live)} TLS servers captured, each with the certificate that it has`,
  );
  tell("missing", missing);
  tell("not in the truth", unexpected);
  tell("with another certificate", different);
  return captured === live && unexpected.length + different.length === 0 ? 0 : 1;
}

function tell(what: string, targets: readonly string[]): void {
  if (targets.length === 0) return;
  const named = targets.slice(0, NAMED_COUNT_MAX).join(", ");
  console.log(`${count(targets.length)} ${what}: ${named}${targets.length > NAMED_COUNT_MAX ? ", ..." : ""}`);
}

function count(number: number): string {
  return number.toLocaleString("en");
}

function fail(error: unknown): number {
  console.error(`Cannot compare ${folder} with the truth: ${error instanceof Error ? error.message : error}`);
  return 1;
}
