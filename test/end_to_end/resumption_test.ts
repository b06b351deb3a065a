import assert from "node:assert/strict";
import { compareWithTruth, runInLab, withSimulation } from "../lab/mod.ts";
import { runMargay } from "../lab/margay.ts";
import { readRunLog } from "../lab/run_log.ts";
import { pick, seededRandom } from "../lab/seeded_random.ts";
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

/** The ways of one run's processes, run after run. */
const WAYS = [["wire"], ["kernel"], ["wire", "kernel"]] as const;

interface Outcome {
  readonly kills: number;
  /** How many each run took. */
  readonly processes: readonly number[];
  readonly checkpoints: number;
  readonly failures: readonly string[];
  /** How the folded logs differ from that of a run that nobody disturbed. */
  readonly differences: readonly string[];
  /** How the captures differ from what is there. */
  readonly missing: readonly string[];
  readonly wrong: readonly string[];
  readonly live: number;
}

/** Runs inside: runs that are killed until there were so many kills, beside one that nobody disturbs. */
export function killRuns({ kills, seed }: { kills: number; seed: number }): Promise<Outcome> {
  return withSimulation({ world: { text: WORLD } }, async (internet) => {
    const truth = await internet.readTruth();
    const whole = await runMargay(["scan", ...SCAN, "-o", "/run/whole"]);
    const undisturbed = await foldLog("/run/whole");
    const failures = whole.exitCode === 0 ? [] : [whole.standardError];
    const processes: number[] = [];
    const differences: string[] = [];
    const missing: string[] = [];
    const wrong: string[] = [];
    const random = seededRandom(seed);
    let made = 0;
    let checkpoints = 0;
    while (made < kills) {
      const folder = `/run/killed-${processes.length}`;
      const ways = WAYS[processes.length % WAYS.length]!;
      const transport = () => ["--transport", pick(random, ways)];
      const killed = await killAndResume({
        scan: [
          ...SCAN,
          ...FURTHER[Math.floor(processes.length / WAYS.length) % FURTHER.length]!,
          ...transport(),
        ],
        folder,
        // Of a few, some for each way.
        kills: Math.min(kills - made, Math.ceil(Math.min(20, KILL_COUNT / 2))),
        spreadMs: SPREAD_MS,
        random,
        resume: transport,
      });
      made += killed.kills;
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
    const live = truth.targets.size;
    return { kills: made, processes, checkpoints, failures, differences, missing, wrong, live };
  });
}

function differencesBetween(whole: FoldedLog, folded: FoldedLog): string[] {
  const differences: string[] = [];
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
  const outcome = await runInLab<Outcome>({
    module: import.meta.url,
    name: "killRuns",
    argument: { kills: KILL_COUNT, seed: Number(Deno.env.get("MARGAY_TEST_SEED") ?? 1) },
  });
  const { kills, processes, checkpoints, failures, differences, missing, wrong, live } = outcome;
  console.log(
    `${kills} kills of ${processes.length} runs with ${processes} processes, ${checkpoints} checkpoints`,
  );
  assert.deepEqual({ failures, differences, missing, wrong }, {
    failures: [],
    differences: [],
    missing: [],
    wrong: [],
  });
  assert.equal(kills, KILL_COUNT);
  assert.ok(live > 700);
});
