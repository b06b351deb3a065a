import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { compareWithTruth, runInLab, withSimulation } from "../lab/mod.ts";
import { runMargay } from "../lab/margay.ts";
import { readRunLog } from "../lab/run_log.ts";

/** Each way out that a scan has: both families, through a gateway and to neighbors. */
const PREFIXES = ["10.50.0.0/24", "10.99.8.0/24", "2001:db8:50::/120", "fd99:0:0:1::/120"];
const ON_LINK = new Set([PREFIXES[1], PREFIXES[3]]);

const WORLD = PREFIXES.map((prefix) => `
prefix ${prefix}
hosts 60%
port 443 tls
${ON_LINK.has(prefix) ? "on-link" : "round-trip 5ms..20ms"}
`).join("");

interface Finding {
  readonly exitCode: number;
  readonly standardError: string;
  readonly live: number;
  readonly captured: number;
  readonly wrong: readonly string[];
  readonly kernelResets: number;
}

/** Runs inside. */
export function scanEveryHop(readers: number): Promise<Finding> {
  return withSimulation({ world: { text: WORLD } }, async (internet) => {
    const folder = await mkdtemp("/run/scan-");
    const options = ["-c", "1", "--readers", String(readers), "-o", folder];
    const { exitCode, standardError } = await runMargay(["scan", ...PREFIXES, ...options]);
    const log = await readRunLog(folder);
    await rm(folder, { recursive: true });
    const { kernelResets } = await internet.readCounters();
    const { live, captured, missing, unexpected, different } = compareWithTruth(
      await internet.readTruth(),
      log.captures,
    );
    const wrong = [...missing, ...unexpected, ...different];
    return { exitCode, standardError, live, captured, wrong, kernelResets };
  });
}

Deno.test("scan: certificates over IPv4 and IPv6, through gateways and from neighbors", async (test) => {
  for (const readers of [1, 3]) {
    await test.step(`${readers} readers`, async () => {
      const finding = await runInLab<Finding>({
        module: import.meta.url,
        name: "scanEveryHop",
        argument: readers,
      });
      assert.equal(finding.exitCode, 0, finding.standardError);
      assert.ok(finding.live > 500, `${finding.live} live`);
      assert.deepEqual(finding.wrong, [], finding.standardError);
      assert.equal(finding.captured, finding.live);
      assert.equal(finding.kernelResets, 0);
    });
  }
});
