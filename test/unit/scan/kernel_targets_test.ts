import assert from "node:assert/strict";
import { NO_PROGRESS, type WalkProgress } from "../../../ffi/mod.ts";
import { extentOf, inSendingOrder } from "../../../src/scan/extent.ts";
import { KernelTargets } from "../../../src/scan/kernel_targets.ts";
import type { SweepPlan } from "../../../src/scan/plan.ts";
import type { Target } from "../../../src/scan/target_feed.ts";
import { loadTargets, type TargetSet } from "../../../src/targets/mod.ts";

const { targetSet } = await loadTargets({
  targets: ["198.18.0.0/23"],
  ports: [{ first: 443, last: 443 }],
  includeSpecial: true,
});

const OPTIONS = {
  shard: { index: 0, count: 1 },
  cursor: 0n,
  retries: 0,
  sample: undefined,
  maxTargets: undefined,
} as const;

function targetsOf(
  progress: WalkProgress = NO_PROGRESS,
  options: Partial<Parameters<typeof extentOf>[1] & { retries: number }> = {},
  targets: TargetSet = targetSet,
): KernelTargets {
  const kernel = [{ addresses: targets.addresses, targetCount: Number(targets.count), reason: "" }];
  const given = { ...OPTIONS, ...options };
  const plan = { kernel } as unknown as SweepPlan;
  return new KernelTargets({
    plan,
    targets,
    extent: extentOf(targets, given),
    options: given,
    seed: 3n,
    progress,
  });
}

function texts(targets: Iterable<Target>): string[] {
  return Array.from(targets, ({ address, port }) => `${address} ${port}`);
}

const ALL = texts(inSendingOrder(targetSet, OPTIONS, 3n));

/** Takes so many targets, and tells where a walk goes on of which the one at `unsettled` has no outcome. */
function progressAfter(walk: KernelTargets, count: number, unsettled?: number): WalkProgress {
  const taken: Target[] = [];
  for (const target of walk) {
    taken.push(target);
    if (taken.length === count) break;
  }
  return walk.progressBefore(unsettled === undefined ? undefined : taken[unsettled]);
}

Deno.test("a walk goes on in front of its oldest target without an outcome, and misses none", () => {
  for (const unsettled of [0, 1, 63, 64, 65, 200, 299]) {
    const progress = progressAfter(targetsOf(), 300, unsettled);
    const rest = texts(targetsOf(progress));
    assert.deepEqual(rest, ALL.slice(progress.targetCount));
    assert.ok(progress.targetCount <= unsettled && unsettled - progress.targetCount < 64, `${unsettled}`);
  }
});

Deno.test("a walk whose targets are settled goes on where it is, and a whole one at its end", () => {
  const progress = progressAfter(targetsOf(), 130);
  assert.ok(progress.targetCount > 64 && progress.targetCount <= 130);
  const walk = targetsOf();
  texts(walk);
  const end = walk.progressBefore(undefined);
  assert.equal(end.targetCount, 512);
  assert.deepEqual(texts(targetsOf(end)), []);
});

Deno.test("a limit holds over all processes", () => {
  const limit = { maxTargets: { count: 200 } };
  let progress = NO_PROGRESS;
  const seen = new Set<string>();
  for (let process = 0; process < 10; process++) {
    const walk = targetsOf(progress, limit);
    const taken: Target[] = [];
    for (const target of walk) {
      taken.push(target);
      if (taken.length === 70) break;
    }
    for (const text of texts(taken)) seen.add(text);
    progress = walk.progressBefore(taken.length === 70 ? taken[66] : undefined);
  }
  assert.deepEqual([...seen], ALL.slice(0, 200));
  assert.equal(progress.targetCount, 200);
});

Deno.test("what the packet plane has asked once, and not as often as it is to, is asked anew", () => {
  const asked: WalkProgress = { cursor: 300n, targetCount: 299, repeatCursor: 0n, repeatPass: 0 };
  assert.equal(texts(targetsOf(asked, { retries: 1 })).length, 512);
  assert.ok(texts(targetsOf(asked, { retries: 0 })).length < 300);
  const walk = targetsOf(NO_PROGRESS, { retries: 1 });
  const own = progressAfter(walk, 300, 250);
  assert.deepEqual(texts(targetsOf(own, { retries: 1 })), ALL.slice(own.targetCount));
});
