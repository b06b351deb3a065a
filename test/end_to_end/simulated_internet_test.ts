import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { compareWithTruth, runInLab, withSimulation } from "../lab/mod.ts";
import { runMargay } from "../lab/margay.ts";
import { readRunLog } from "../lab/run_log.ts";

/** How many seeds the /12 is scanned with; the issue of proving it takes five, an ordinary run of the tests one. */
const SEED_COUNT = Number(Deno.env.get("MARGAY_TEST_SEEDS") ?? 1);

const PREFIX = "10.32.0.0/12";

/** Of 1,048,576 addresses 60 percent are hosts, 20 to 200 ms away, and of a hundred packets one is lost, each way. */
function worldOf(seed: number): string {
  return `
seed ${seed}
prefix ${PREFIX}
hosts 60%
port 443 tls
ttl 64 70% 128 25% 255
window 65535 50% 29200 30% 8192
options linux 60% windows 30% bsd 5% mss
round-trip 20ms..200ms
loss 1%
`;
}

interface Finding {
  readonly exitCode: number;
  readonly standardError: string;
  readonly live: number;
  readonly captured: number;
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
  readonly different: readonly string[];
  readonly outcomes: Readonly<Record<string, number>>;
  readonly kernelResets: number;
  /** Packets that the responder should never have seen. */
  readonly outside: number;
  readonly misdirected: number;
  readonly checksumWrong: number;
  readonly framesMissed: number;
}

/** Runs inside. */
export function scanSimulatedInternet(seed: number): Promise<Finding> {
  return withSimulation({ world: { text: worldOf(seed) } }, async (internet) => {
    const folder = await mkdtemp("/run/scan-");
    const scan = [
      ...[
        "scan",
        PREFIX,
        "-o",
        folder,
        "--no-graph",
        "--rate",
        "60000",
        "--retries",
        "4",
        "--seed",
        String(seed),
      ],
      // No host is further away than a fifth of a second.
      ...["--cooldown", "2"],
      // A machine that others share drops frames in bursts: patience for one more repetition.
      ...["--capture-timeout", "30"],
    ];
    const { exitCode, standardError } = await runMargay(scan);
    const log = await readRunLog(folder);
    await rm(folder, { recursive: true });
    const { responder, kernelResets } = await internet.readCounters();
    const comparison = compareWithTruth(await internet.readTruth(), log.captures);
    const some = (targets: readonly string[]) => targets.slice(0, 10);
    return {
      exitCode,
      standardError,
      live: comparison.live,
      captured: comparison.captured,
      missing: some(comparison.missing),
      unexpected: some(comparison.unexpected),
      different: some(comparison.different),
      outcomes: log.outcomes,
      kernelResets,
      outside: responder.outside,
      misdirected: responder.misdirected,
      checksumWrong: responder.checksum_wrong,
      framesMissed: responder.frames_missed,
    };
  });
}

Deno.test("scan: every certificate of a simulated /12, behind loss and distance", async (test) => {
  for (let seed = 1; seed <= SEED_COUNT; seed++) {
    await test.step(`seed ${seed}`, async () => {
      const finding = await runInLab<Finding>({
        module: import.meta.url,
        name: "scanSimulatedInternet",
        argument: seed,
      });
      assert.equal(finding.exitCode, 0, finding.standardError);
      assert.ok(finding.live > 0.59 * 2 ** 20 && finding.live < 0.61 * 2 ** 20, `${finding.live} live`);
      assert.deepEqual(finding.missing, [], finding.standardError);
      assert.deepEqual(finding.unexpected, []);
      assert.deepEqual(finding.different, []);
      assert.equal(finding.captured, finding.live);
      // Nothing has gone anywhere else, and nothing was malformed.
      assert.equal(finding.outside + finding.misdirected + finding.checksumWrong, 0);
      assert.equal(finding.kernelResets, 0);
    });
  }
});
