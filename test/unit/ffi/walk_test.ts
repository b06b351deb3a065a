import assert from "node:assert/strict";
import { type TargetGroup, walk } from "../../../ffi/mod.ts";
import { parseAddress } from "../../../src/targets/mod.ts";

const groups: TargetGroup[] = [
  { ports: [443, 8443], intervals: [interval("10.0.0.0", "10.0.3.255"), interval("10.9.0.7", "10.9.0.7")] },
  { ports: [22], intervals: [interval("192.0.2.1", "192.0.2.100")] },
];
const targetCount = 2 * (1024 + 1) + 100;

function interval(first: string, last: string): { first: bigint; last: bigint } {
  return { first: parseAddress(first)!, last: parseAddress(last)! };
}

function walked(seed: bigint, shardIndex = 0, shardCount = 1): string[] {
  return [...walk(groups, { seed, shardIndex, shardCount })].map(({ address, port }) => `${address} ${port}`);
}

function everyTarget(): string[] {
  const targets: string[] = [];
  for (const { ports, intervals } of groups) {
    for (const { first, last } of intervals) {
      for (let address = first; address <= last; address++) {
        for (const port of ports) targets.push(`${address} ${port}`);
      }
    }
  }
  return targets.sort();
}

Deno.test("a walk meets every target once and nothing else", () => {
  assert.equal(everyTarget().length, targetCount);
  assert.deepEqual(walked(1n).sort(), everyTarget());
});

Deno.test("the same seed gives the same order, another seed another one", () => {
  assert.deepEqual(walked(5n), walked(5n));
  assert.notDeepEqual(walked(5n), walked(6n));
  assert.deepEqual(walked(2n ** 64n - 1n), walked(2n ** 64n - 1n));
});

Deno.test("the order is no order: neighbours are not met one after the other", () => {
  const order = walked(1n);
  const places = new Map(everyTarget().map((target, index) => [target, index]));
  const steps = order.slice(1).filter((target, index) => {
    return Math.abs(places.get(target)! - places.get(order[index]!)!) === 1;
  });
  // By chance two of two thousand.
  assert(steps.length < targetCount / 20, `${steps.length} steps to a neighbour`);
});

Deno.test("shards share the targets out", () => {
  const shards = [0, 1, 2].map((index) => walked(9n, index, 3));
  assert.deepEqual(shards.flat().sort(), everyTarget());
  for (const { length } of shards) assert(Math.abs(length - targetCount / 3) < targetCount / 30, `${length}`);
});

Deno.test("a walk may be left early", () => {
  for (const _target of walk(groups, { seed: 1n, shardIndex: 0, shardCount: 1 })) break;
  assert.equal(walked(1n).length, targetCount);
});

Deno.test("targets that contradict themselves are refused", () => {
  const order = { seed: 1n, shardIndex: 0, shardCount: 1 };
  const overlapping = [interval("10.0.0.0", "10.0.0.9"), interval("10.0.0.9", "10.0.0.20")];
  assert.throws(() => [...walk([{ ports: [443], intervals: overlapping }], order)], {
    name: "NativeError",
    message: "Cannot walk the target set: the target set contradicts itself",
  });
});
