import assert from "node:assert/strict";
import { readLog } from "../../src/observe/mod.ts";
import { runMargay } from "../lab/margay.ts";
import { runInLab, withSimulation } from "../lab/mod.ts";

const PREFIX = "10.61.0.0/18";
const FOLDER = "/run/silent-servers";
/** Far longer than it takes to ask all of them. */
const TIMEOUT_SECONDS = 12;

const WORLD = `
certificates 16
prefix ${PREFIX}
  port 443 tls open
  tls-version 1.2
  behavior ordinary silent-after-syn-ack 40%
`;

/** Runs inside: how the captures ended, in the order of the log. */
export function scanSilentServers(): Promise<string[]> {
  return withSimulation({ world: { text: WORLD } }, async () => {
    const limits = ["--rate", "20000", "--cooldown", "1", "--capture-timeout", String(TIMEOUT_SECONDS)];
    const args = ["scan", PREFIX, "--ports", "443", ...limits, "--transport", "wire", "--no-graph"];
    const { exitCode, standardError } = await runMargay([...args, "-o", FOLDER]);
    assert.equal(exitCode, 0, standardError);
    const outcomes: string[] = [];
    for await (const observation of readLog(FOLDER)) {
      if (observation.type === "tls") outcomes.push(observation.outcome);
    }
    return outcomes;
  });
}

Deno.test("servers that accept and keep silent hold up nobody else, however many they are", async () => {
  const outcomes = await runInLab<string[]>({
    module: import.meta.url,
    name: "scanSilentServers",
  });
  const silent = outcomes.filter((outcome) => outcome === "timeout");
  assert.ok(silent.length > 6_000, `${silent.length} silent servers`);
  assert.equal(outcomes.filter((outcome) => outcome === "captured").length, outcomes.length - silent.length);
  assert.equal(outcomes.length, 2 ** 14);
  // The others were asked while all of them were still waited for; some few may have had to be asked twice.
  const before = outcomes.indexOf("timeout");
  assert.ok(before > 0.99 * (outcomes.length - silent.length), `${before} captures before the first timeout`);
});
