import assert from "node:assert/strict";
import { openForReading } from "../../src/graph/mod.ts";
import { compareWithTruth, runInLab, withSimulation } from "../lab/mod.ts";
import type { Truth } from "../lab/truth.ts";
import { runMargay } from "../lab/margay.ts";
import { readRunLog } from "../lab/run_log.ts";
import { chance, pick, type RandomSource, seededRandom } from "../lab/seeded_random.ts";
import { canonicalDump, inconsistencies } from "../unit/graph/canonical.ts";
import { type FoldedLog, foldLog, killAndResume } from "./resumption.ts";

/** How often scans are killed in all; the issue of proving it takes 200, an ordinary run of the tests a few. */
const KILL_COUNT = Number(Deno.env.get("MARGAY_TEST_KILLS") ?? 8);

const WORLD = `
seed 7
prefix 10.32.0.0/22
hosts 98%
port 443 tls open 80% closed
round-trip 2ms..40ms
`;

/** Slow enough to be killed, and quick to settle what it has asked. */
const SCAN = [
  // Half of the hosts are asked twice, under a name too.
  ...["10.32.0.0/22", "10.32.0.0/23,a.example"],
  ...["--rate", "600", "--cooldown", "1", "--seed", "5", "--quiet"],
];

/** What else is asked of one run or another, which changes nothing of what is found. */
const FURTHER = [[], ["--retries", "1"], ["--verify", "--readers", "2"]] as const;

/** Up to when a process is killed: much of that is its start. */
const SPREAD_MS = 3_000;

/** How often one run is killed at the most. */
const RUN_KILLS_MAX = 20;

/** The ways that the processes of a run go. */
const WAYS = [["wire"], ["kernel"], ["wire", "kernel"]] as const;

/** What became of some runs. */
interface Outcome {
  readonly kills: number;
  readonly builderKills: number;
  /** How many processes each run took, as far as they came to say so. */
  readonly processes: readonly number[];
  readonly checkpoints: number;
  readonly failures: readonly string[];
  /** How the folded logs differ from that of a run that nobody disturbed. */
  readonly differences: readonly string[];
  /** How the captures differ from what is there. */
  readonly missing: readonly string[];
  readonly wrong: readonly string[];
}

/** Runs inside: runs of each way, beside each other, until there were so many kills, and one that nobody disturbs. */
export function killRuns({ kills, seed }: { kills: number; seed: number }): Promise<Outcome[]> {
  return withSimulation({ world: { text: WORLD } }, async (internet) => {
    const truth = await internet.readTruth();
    const whole = await runMargay(["scan", ...SCAN, "-o", "/run/whole"]);
    if (whole.exitCode !== 0) throw new Error(whole.standardError);
    const undisturbed = await foldLog("/run/whole");
    return await Promise.all(WAYS.map((ways, index) => {
      const share = Math.ceil((kills - index) / WAYS.length);
      return killWay(ways, share, seededRandom(seed + index), undisturbed, truth);
    }));
  });
}

/** Kills runs whose processes go one of these ways, until there were so many kills. */
async function killWay(
  ways: readonly string[],
  kills: number,
  random: RandomSource,
  undisturbed: FoldedLog,
  truth: Truth,
): Promise<Outcome> {
  const processes: number[] = [];
  const failures: string[] = [];
  const differences: string[] = [];
  const missing: string[] = [];
  const wrong: string[] = [];
  let made = 0;
  let builderKills = 0;
  let checkpoints = 0;
  while (made < kills) {
    const folder = `/run/${ways.join("-")}-${processes.length}`;
    const further = FURTHER[processes.length % FURTHER.length]!;
    const transport = () => ["--transport", pick(random, ways)];
    const killed = await killAndResume({
      scan: [...SCAN, ...further, ...transport()],
      folder,
      // A run that is killed for ever would never be compared.
      kills: Math.min(kills - made, RUN_KILLS_MAX),
      spreadMs: SPREAD_MS,
      random,
      signal: () => chance(random, 0.2) ? "SIGINT" : "SIGKILL",
      resume: () => [...transport(), "--quiet"],
      killsBuilders: true,
    });
    made += killed.kills;
    builderKills += killed.builderKills;
    differences.push(...await graphDifferences(folder));
    if (killed.exitCode !== 0) failures.push(killed.standardError);
    const folded = await foldLog(folder);
    processes.push(folded.processes);
    checkpoints += folded.checkpoints;
    differences.push(...differencesBetween(undisturbed, folded));
    const { captures, unknownFingerprints } = await readRunLog(folder);
    const comparison = compareWithTruth(truth, captures);
    missing.push(...comparison.missing);
    wrong.push(...comparison.unexpected, ...comparison.different, ...unknownFingerprints);
  }
  return { kills: made, builderKills, processes, checkpoints, failures, differences, missing, wrong };
}

/** How the graph that was built beside a run differs from one that is built of its log. */
async function graphDifferences(folder: string): Promise<string[]> {
  const anew = `${folder}-anew.sqlite`;
  const { exitCode, standardError } = await runMargay(["graph", "build", folder, "--graph", anew, "-q"]);
  if (exitCode !== 0) return [standardError];
  const [beside, whole] = [folder, anew].map((path) => {
    const database = openForReading(path);
    const lines = [...canonicalDump(database), ...inconsistencies(database)];
    database.close();
    return lines;
  });
  return JSON.stringify(beside) === JSON.stringify(whole) ? [] : [`${folder}: another graph`];
}

function differencesBetween(whole: FoldedLog, folded: FoldedLog): string[] {
  const differences: string[] = [];
  if (whole.hosts.length < 700) differences.push("the world is too small");
  if (folded.end?.reason !== "done") differences.push(`it ends with ${folded.end?.reason}`);
  for (const what of ["hosts", "certificates", "captures"] as const) {
    if (JSON.stringify(folded[what]) !== JSON.stringify(whole[what])) differences.push(`other ${what}`);
    if (what !== "captures" && folded.repeated[what] > 0) differences.push(`${what} stand there again`);
  }
  const { verified, unique_certificates, captures_captured } = folded.end?.counters ?? {};
  const { hosts, certificates, captures } = folded;
  if (verified !== hosts.length || unique_certificates !== certificates.length) {
    differences.push(`it counts ${verified} hosts and ${unique_certificates} certificates`);
  }
  // A host that was cut off between its names is asked under both again.
  if (!(captures_captured! >= Object.keys(captures).length)) {
    differences.push(`it counts ${captures_captured} captures`);
  }
  return differences;
}

Deno.test("runs that are killed at any instant come to the same as one that nobody disturbs", async () => {
  const outcomes = await runInLab<Outcome[]>({
    module: import.meta.url,
    name: "killRuns",
    argument: { kills: KILL_COUNT, seed: Number(Deno.env.get("MARGAY_TEST_SEED") ?? 1) },
  });
  for (const [index, { kills, builderKills, processes, checkpoints, ...faults }] of outcomes.entries()) {
    console.log(
      `${
        WAYS[index]
      }: ${kills} kills, ${builderKills} of builders, runs of ${processes} processes, ${checkpoints} checkpoints`,
    );
    assert.deepEqual(faults, { failures: [], differences: [], missing: [], wrong: [] });
  }
  assert.equal(outcomes.reduce((sum, { kills }) => sum + kills, 0), KILL_COUNT);
});
