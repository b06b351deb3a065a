import assert from "node:assert/strict";
import {
  formatInterval,
  fromCidr,
  type Interval,
  IntervalSet,
  isIpv4,
  parseAddress,
} from "../../../src/targets/mod.ts";
import { seededRandom } from "./random.ts";

/** Addresses in these tests lie across both borders of IPv4, well inside both families, and at the line's ends. */
const BASES = [
  0xffff_0000_0000n - 32n,
  0xffff_8000_0000n,
  0xffff_ffff_ffffn - 31n,
  0n,
  0x2001_0db8_0000_0000_ffff_ffff_ffff_ffe0n,
  (1n << 128n) - 64n,
];
const SPACE = 64;

interface Sample {
  readonly set: IntervalSet;
  readonly model: readonly boolean[];
}

function sample(random: (limit: number) => number, base: bigint): Sample {
  const model = new Array<boolean>(SPACE).fill(false);
  const intervals: Interval[] = [];
  for (let remaining = random(9); remaining > 0; remaining -= 1) {
    const first = random(SPACE);
    const last = Math.min(SPACE - 1, first + random(random(2) ? 3 : 20));
    model.fill(true, first, last + 1);
    intervals.push({ first: base + BigInt(first), last: base + BigInt(last) });
  }
  return { set: IntervalSet.from(intervals), model };
}

/** The only intervals a set may have for `model`: sorted, disjoint, touching only where a family ends. */
function normalForm(model: readonly boolean[], base: bigint): Interval[] {
  const intervals: Interval[] = [];
  for (let first = 0; first < SPACE; first += 1) {
    if (!model[first]) continue;
    let last = first;
    while (model[last + 1] && isIpv4(base + BigInt(last)) === isIpv4(base + BigInt(last + 1))) last += 1;
    intervals.push({ first: base + BigInt(first), last: base + BigInt(last) });
    first = last;
  }
  return intervals;
}

Deno.test("interval algebra agrees with an array of booleans", () => {
  const random = seededRandom(20251120);
  for (let round = 0; round < 2000; round += 1) {
    const base = BASES[round % BASES.length]!;
    const a = sample(random, base);
    const b = sample(random, base);
    const expect = (set: IntervalSet, member: (index: number) => boolean) => {
      const model = a.model.map((_, index) => member(index));
      assert.deepEqual([...set], normalForm(model, base), `round ${round}`);
      assert.equal(set.addressCount, BigInt(model.filter(Boolean).length));
      for (const [index, isMember] of model.entries()) {
        assert.equal(set.contains(base + BigInt(index)), isMember);
      }
    };
    expect(a.set, (index) => a.model[index]!);
    expect(a.set.union(b.set), (index) => a.model[index]! || b.model[index]!);
    expect(a.set.intersect(b.set), (index) => a.model[index]! && b.model[index]!);
    expect(a.set.subtract(b.set), (index) => a.model[index]! && !b.model[index]!);
    assert.equal(a.set.countCommon(b.set), a.set.intersect(b.set).addressCount);
    assert.equal(a.set.equals(b.set), a.model.every((isMember, index) => isMember === b.model[index]));
  }
});

Deno.test("any order of addresses makes the same set, in both families", () => {
  const random = seededRandom(23);
  for (let round = 0; round < 50; round += 1) {
    const isIpv6 = round % 2 === 0;
    const addresses = Array.from({ length: 300 }, () => {
      const upper = BigInt(random(3)) << 112n | BigInt(random(2)) << 64n | BigInt(random(2)) << 63n;
      return isIpv6
        ? upper | BigInt(random(500))
        : 0xffff_0000_0000n + BigInt(random(3) * 0x7fff_fff0 + random(30));
    });
    const sorted = addresses.toSorted((a, b) => a < b ? -1 : a > b ? 1 : 0);
    const set = IntervalSet.from(addresses.map(single));
    assert.ok(set.equals(IntervalSet.from(sorted.map(single))));
    assert.ok(set.equals(IntervalSet.union(addresses.map((address) => IntervalSet.from([single(address)])))));
    assert.equal(set.addressCount, BigInt(new Set(addresses).size));
    assert.ok(addresses.every((address) => set.contains(address)));
  }
});

Deno.test("a small set finds its matches far along a large one", () => {
  const large = IntervalSet.from(Array.from({ length: 1000 }, (_, index) => single(BigInt(index) * 10n)));
  for (const index of [0n, 1n, 2n, 3n, 499n, 500n, 998n, 999n]) {
    const small = IntervalSet.from([{ first: index * 10n, last: index * 10n + 5n }]);
    assert.deepEqual([...small.intersect(large)], [single(index * 10n)]);
    assert.deepEqual([...large.intersect(small)], [single(index * 10n)]);
    assert.deepEqual([...small.subtract(large)], [{ first: index * 10n + 1n, last: index * 10n + 5n }]);
    assert.equal(large.subtract(small).intervalCount, 999);
  }
  const scattered = IntervalSet.from([10n, 4_000n, 4_005n, 9_990n, 10_000n].map(single));
  assert.deepEqual([...scattered.subtract(large)], [single(4_005n), single(10_000n)]);
});

Deno.test("the whole number line is IPv4 and the two parts of IPv6 around it", () => {
  const all = IntervalSet.from([fromCidr(0n, 0)]);
  assert.equal(all.addressCount, 1n << 128n);
  assert.deepEqual([...all].map(formatInterval), [
    "::-::fffe:ffff:ffff",
    "0.0.0.0/0",
    "::1:0:0:0-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
  ]);
  assert.ok(all.subtract(all).isEmpty);
  assert.ok(all.contains((1n << 128n) - 1n));
});

Deno.test("the CIDRs of a set are the fewest that cover it", () => {
  const cases: readonly (readonly [first: string, last: string, cidrs: readonly string[]])[] = [
    ["10.0.0.0", "10.255.255.255", ["10.0.0.0/8"]],
    ["0.0.0.0", "255.255.255.255", ["0.0.0.0/0"]],
    ["192.0.2.1", "192.0.2.6", ["192.0.2.1/32", "192.0.2.2/31", "192.0.2.4/31", "192.0.2.6/32"]],
    ["2001:db8::", "2001:db8::1:ffff", ["2001:db8::/111"]],
    ["255.255.255.255", "255.255.255.255", ["255.255.255.255/32"]],
  ];
  for (const [first, last, cidrs] of cases) {
    const set = IntervalSet.from([{ first: parseAddress(first)!, last: parseAddress(last)! }]);
    assert.deepEqual(set.toCidrs(), cidrs);
  }
});

Deno.test("an interval is written as address, CIDR or range", () => {
  const write = (first: string, last: string) =>
    formatInterval({ first: parseAddress(first)!, last: parseAddress(last)! });
  assert.equal(write("192.0.2.1", "192.0.2.1"), "192.0.2.1");
  assert.equal(write("192.0.2.0", "192.0.2.255"), "192.0.2.0/24");
  assert.equal(write("192.0.2.1", "192.0.2.9"), "192.0.2.1-192.0.2.9");
});

function single(address: bigint): Interval {
  return { first: address, last: address };
}
