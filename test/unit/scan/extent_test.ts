import assert from "node:assert/strict";
import { type Extent, extentOf } from "../../../src/scan/extent.ts";
import type { Shard, TargetLimit } from "../../../src/scan/options.ts";
import { loadTargets, parsePorts } from "../../../src/targets/mod.ts";

interface Asked {
  readonly sample?: number;
  readonly maxTargets?: TargetLimit;
  readonly shard?: Shard;
  readonly ports?: string;
}

async function extent(target: string, asked: Asked = {}): Promise<Extent> {
  const { sample, maxTargets, shard = { index: 0, count: 1 }, ports = "443" } = asked;
  const request = { targets: [target], ports: parsePorts(ports), includeSpecial: true };
  return extentOf((await loadTargets(request)).targetSet, { sample, maxTargets, shard });
}

Deno.test("everything, unless something else is asked for", async () => {
  assert.deepEqual(await extent("10.0.0.0/22"), {
    sampleCount: 0n,
    targetsMax: Number.MAX_SAFE_INTEGER,
    targetCount: 1024,
  });
});

Deno.test("a share is taken as it is written, and rounded up", async () => {
  const counted = async (share: number, target: string) =>
    (await extent(target, { maxTargets: { share } })).targetCount;
  assert.equal(await counted(0.001, "10.0.0.0-10.0.3.231"), 1, "0.1% of 1,000");
  assert.equal(await counted(0.011, "10.0.0.0-10.0.3.231"), 11, "1.1% of 1,000");
  assert.equal(await counted(1e-9, "10.0.0.0/22"), 1);
  assert.equal(await counted(1, "10.0.0.0/22"), 1024);
});

Deno.test("a sample of more than doubles can count is exact", async () => {
  const drawn = async (sample: number) => (await extent("3000::/64", { sample })).sampleCount;
  assert.equal(await drawn(0.1), 1_844_674_407_370_955_162n);
  assert.equal(await drawn(1e-12), 18_446_745n);
  assert.equal(await drawn(5e-324), 1n);
});

Deno.test("a sample is drawn first, then limited", async () => {
  const { sampleCount, targetsMax, targetCount } = await extent("10.0.0.0/16", {
    sample: 0.5,
    maxTargets: { count: 100 },
  });
  assert.deepEqual([sampleCount, targetsMax, targetCount], [32_768n, 100, 100]);
});

Deno.test("of what is too large to walk, a limit is a sample", async () => {
  const { sampleCount, targetsMax } = await extent("3000::/32", { maxTargets: { count: 1000 } });
  assert.deepEqual([sampleCount, targetsMax], [1000n, 1000]);
});

Deno.test("the shards of a limit are the whole limit", async () => {
  for (const count of [1, 2, 3, 7]) {
    for (const limit of [1, 2, 10, 500]) {
      const parts = await Promise.all(
        Array.from(
          { length: count },
          (_, index) => extent("10.0.0.0/22", { maxTargets: { count: limit }, shard: { index, count } }),
        ),
      );
      assert.equal(parts.reduce((sum, { targetsMax }) => sum + targetsMax, 0), limit);
    }
  }
});

Deno.test("what cannot be walked, or drawn from, is refused with the way out", async () => {
  const refused = async (target: string, asked: Asked, message: RegExp) =>
    await assert.rejects(extent(target, asked), { name: "TargetError", message });
  await refused("3000::/64", {}, /draw some of them with --sample or --max-targets$/);
  await refused(
    "3000::/64",
    { sample: 1 },
    /^Cannot draw 18,446,.*at most 9,223,.*; give a smaller --sample$/,
  );
  await refused("3000::/32", { maxTargets: { share: 0.1 } }, /; give a smaller --max-targets$/);
  await refused(
    "::/0",
    { maxTargets: { count: 2 }, ports: "1-1024" },
    /^Cannot number 348,.*at most 340,282,366,.*; name fewer addresses or ports$/,
  );
  await extent("::/0", { maxTargets: { count: 2 } });
});
