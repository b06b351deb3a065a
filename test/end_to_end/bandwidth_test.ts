import assert from "node:assert/strict";
import { runInLab, withLab } from "../lab/mod.ts";
import { type BandwidthUse, measureUndisturbed } from "./bandwidth.ts";

const ALLOWED = 20_000_000;

/** Shorter than this, an average says little. */
const ACTIVE_MILLISECONDS_MIN = 10_000;

/** Runs inside. */
export function measure(): Promise<BandwidthUse> {
  return withLab({ prefix: "10.50.0.0/17" }, (lab) => measureUndisturbed(lab, ALLOWED));
}

Deno.test("bandwidth: 20 Mbit/s are used and kept to, on the wire", async () => {
  const use = await runInLab<BandwidthUse>({ module: import.meta.url, name: "measure" });
  assert.equal(use.exitCode, 0);
  assert.equal(use.wiretapDrops, 0);
  const told = JSON.stringify({ ...use, timeline: undefined });
  assert.ok(use.activeMilliseconds >= ACTIVE_MILLISECONDS_MIN, `both layers are active for long: ${told}`);
  assert.ok(use.averageActive >= 0.9 * ALLOWED, `at least 90% is used while they are: ${told}`);
  assert.ok(use.highestSent <= 1.05 * ALLOWED, `what is sent is never more than 5% above: ${told}`);
  assert.ok(use.shareOver <= 0.01, `at most 1% of the windows are more than 5% above: ${told}`);
  assert.ok(use.highestTotal <= 1.2 * ALLOWED, `no window is more than 20% above: ${told}`);
});
