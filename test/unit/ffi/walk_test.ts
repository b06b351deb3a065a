import assert from "node:assert/strict";
import { type TargetGroup, walk } from "../../../ffi/mod.ts";
import { parseAddress } from "../../../src/targets/mod.ts";

const groups: TargetGroup[] = [
  group([443, 8443], [["10.0.0.0", "10.0.3.255"], ["10.9.0.7", "10.9.0.7"], ["2001:db8::", "2001:db8::1f"]]),
  group([22], [["192.0.2.1", "192.0.2.100"]]),
  group([80], [["2001:db8::ffff:ffff:ffff:fff0", "2001:db8:0:1::f"], ["2001:db8:5::1", "2001:db8:5::1"]]),
];
const targetCount = 2 * (1024 + 1 + 32) + 100 + 33;

/** The first and last addresses of its intervals, sorted within each family. */
function group(ports: number[], intervals: [first: string, last: string][]): TargetGroup {
  const ipv4: number[] = [];
  const ipv6: bigint[] = [];
  for (const address of intervals.flat()) {
    const number = parseAddress(address)!;
    if (address.includes(":")) ipv6.push(number >> 64n, BigInt.asUintN(64, number));
    else ipv4.push(Number(BigInt.asUintN(32, number)));
  }
  return { ports, ipv4: Uint32Array.from(ipv4), ipv6: BigUint64Array.from(ipv6) };
}

function* intervalsOf({ ipv4, ipv6 }: TargetGroup): Generator<{ first: bigint; last: bigint }> {
  const mapped = parseAddress("0.0.0.0")!;
  for (let at = 0; at < ipv4.length; at += 2) {
    yield { first: mapped + BigInt(ipv4[at]!), last: mapped + BigInt(ipv4[at + 1]!) };
  }
  for (let at = 0; at < ipv6.length; at += 4) {
    yield { first: ipv6[at]! << 64n | ipv6[at + 1]!, last: ipv6[at + 2]! << 64n | ipv6[at + 3]! };
  }
}

function texts(targets: Iterable<{ address: bigint; port: number }>): string[] {
  return Array.from(targets, ({ address, port }) => `${address} ${port}`);
}

function walked(seed: bigint, shardIndex = 0, shardCount = 1, sampleCount = 0): string[] {
  return texts(walk({ groups, sampleCount }, { seed, shardIndex, shardCount }));
}

function everyTarget(): string[] {
  const targets: string[] = [];
  for (const group of groups) {
    for (const { first, last } of intervalsOf(group)) {
      for (let address = first; address <= last; address++) {
        for (const port of group.ports) targets.push(`${address} ${port}`);
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

Deno.test("a sample is drawn by the seed, and its shards share it out", () => {
  const sample = walked(9n, 0, 1, 200);
  assert.equal(new Set(sample).size, 200);
  const every = new Set(everyTarget());
  assert(sample.every((target) => every.has(target)));
  const shards = [0, 1, 2].map((index) => walked(9n, index, 3, 200));
  assert.deepEqual(shards.flat().sort(), sample.sort());
  assert.notDeepEqual(walked(8n, 0, 1, 200).sort(), sample);
});

Deno.test("an IPv6 /32 is walked by its sample, all of it spread over the prefix", () => {
  const whole = [group([80, 443], [["2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"]])];
  const order = { seed: 3n, shardIndex: 0, shardCount: 1 };
  const targets = [...walk({ groups: whole, sampleCount: 1000n }, order)];
  assert.equal(new Set(targets.map(({ address }) => address)).size, 1000);
  const spread = new Set(targets.map(({ address }) => address >> 88n)).size;
  assert(spread > 200, `${spread} of 256 blocks`);
  assert(targets.every(({ address }) => address >> 96n === 0x2001_0db8n));
  assert.throws(() => [...walk({ groups: whole, sampleCount: 0 }, order)], { name: "NativeError" });
});

Deno.test("a walk goes on at its cursor", () => {
  // No element of the group of 65,537 is stepped over, so that the cursor is the number of targets.
  const single = [group([443], [["10.0.0.0", "10.0.255.255"]])];
  const order = { seed: 4n, shardIndex: 1, shardCount: 3 };
  const all = texts(walk({ groups: single, sampleCount: 0 }, order));
  for (const cursor of [0, 1, 1000n, all.length - 1, all.length, 2n ** 64n - 1n]) {
    const rest = texts(walk({ groups: single, sampleCount: 0 }, { ...order, cursor }));
    assert.deepEqual(rest, cursor > all.length ? [] : all.slice(Number(cursor)));
  }
});

Deno.test("no more targets than asked for", () => {
  const order = { seed: 5n, shardIndex: 0, shardCount: 1 };
  assert.deepEqual(texts(walk({ groups, sampleCount: 0 }, order, 7)), walked(5n).slice(0, 7));
  assert.deepEqual(texts(walk({ groups, sampleCount: 0 }, order, 0)), []);
});

Deno.test("a walk may be left early", () => {
  for (const _target of walk({ groups, sampleCount: 0 }, { seed: 1n, shardIndex: 0, shardCount: 1 })) break;
  assert.equal(walked(1n).length, targetCount);
});

Deno.test("targets that contradict themselves are refused", () => {
  const order = { seed: 1n, shardIndex: 0, shardCount: 1 };
  const refusal = {
    name: "NativeError",
    message: "Cannot walk the target set: the target set contradicts itself",
  };
  const overlapping = group([443], [["10.0.0.0", "10.0.0.9"], ["10.0.0.9", "10.0.0.20"]]);
  const mapped = group([443], []);
  const ipv6 = BigUint64Array.of(0n, 0xffff_0a00_0001n, 0n, 0xffff_0a00_0001n);
  const cases = [
    { groups: [overlapping], sampleCount: 0 },
    { groups: [{ ...mapped, ipv6 }], sampleCount: 0 },
    { groups: [group([443], [])], sampleCount: 0 },
    { groups: [], sampleCount: 0 },
    { groups, sampleCount: targetCount + 1 },
  ];
  for (const targets of cases) assert.throws(() => [...walk(targets, order)], refusal);
});
