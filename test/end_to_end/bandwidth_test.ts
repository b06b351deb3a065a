import assert from "node:assert/strict";
import { runInLab, withLab } from "../lab/mod.ts";
import { type BandwidthUse, measureUndisturbed } from "./bandwidth.ts";

interface Case {
  readonly allowed: number;
  readonly prefix: string;
}

const CASES: readonly Case[] = [
  { allowed: 5_000_000, prefix: "10.50.0.0/19" },
  { allowed: 20_000_000, prefix: "10.50.0.0/17" },
];

/** Shorter than this, an average says little. */
const ACTIVE_MILLISECONDS_MIN = 10_000;

/** Runs inside. */
export function measure({ allowed, prefix }: Case): Promise<BandwidthUse> {
  return withLab({ prefix }, (lab) => measureUndisturbed(lab, allowed));
}

for (const argument of CASES) {
  const { allowed } = argument;
  Deno.test(`bandwidth: ${allowed / 1e6} Mbit/s are used and kept to, on the wire`, async () => {
    const use = await runInLab<BandwidthUse>({ module: import.meta.url, name: "measure", argument });
    assert.equal(use.exitCode, 0);
    assert.equal(use.wiretapDrops, 0);
    const told = JSON.stringify({ ...use, timeline: undefined });
    assert.ok(use.activeMilliseconds >= ACTIVE_MILLISECONDS_MIN, `both layers are active for long: ${told}`);
    assert.ok(use.averageActive >= 0.9 * allowed, `at least 90% is used while they are: ${told}`);
    assert.ok(use.highestSent <= 1.05 * allowed, `what is sent is never more than 5% above: ${told}`);
    assert.ok(use.shareOver <= 0.01, `at most 1% of the windows are more than 5% above: ${told}`);
    assert.ok(use.highestTotal <= 1.2 * allowed, `no window is more than 20% above: ${told}`);
  });
}
