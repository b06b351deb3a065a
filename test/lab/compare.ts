// In the lab's shell, as `compare FOLDER [PREFIX...]`: says how what a run of margay captured compares with what is
// there, in the whole world or in some prefixes of it. The shell's program puts the world's files in front.
//
// The exit status is 1 when anything is missing or wrong.
import { truthLines } from "./responder.ts";
import { readRunLog } from "./run_log.ts";
import { compareWithTruth, truthOf } from "./truth.ts";

/** Targets of each kind that are named; the rest are only counted. */
const NAMED_COUNT_MAX = 5;

const [world, chains, folder, ...prefixes] = Deno.args as [string, string, ...string[]];
if (folder === undefined || folder.startsWith("-")) {
  console.error("usage: compare FOLDER [PREFIX...], with the folder of a run of margay");
  Deno.exit(2);
}
Deno.exit(await compare(folder).catch(fail));

async function compare(folder: string): Promise<number> {
  const truth = await truthOf(truthLines({ world, chains }, prefixes));
  const log = await readRunLog(folder);
  const { live, captured, missing, unexpected, different } = compareWithTruth(truth, log.captures);
  console.log(
    `${count(captured)} of ${count(live)} TLS servers captured, each with the certificate that it has`,
  );
  tell("missing", missing);
  tell("captured, and not in the truth", unexpected);
  tell("captured with another certificate", different);
  const outcomes = Object.entries(log.outcomes).filter(([outcome]) => outcome !== "captured");
  if (missing.length > 0 && outcomes.length > 0) {
    console.log(
      `what margay says of others: ${outcomes.map(([name, hosts]) => `${count(hosts)} ${name}`).join(", ")}`,
    );
  }
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
