import assert from "node:assert/strict";
import { Control } from "../../../ffi/mod.ts";

Deno.test("a bucket without a limit gives whatever is asked for", () => {
  const bucket = new Control().wire;
  for (let turn = 0; turn < 100; turn++) assert.equal(bucket.take(1_000_000_000, 0), 0);
});

Deno.test("taking leaves a debt, and the wait is the time that pays for it", () => {
  const bucket = new Control().wire;
  bucket.set(1, 0);
  assert.equal(bucket.take(100, 0), 0);
  const waitMs = bucket.take(1, 0);
  assert(waitMs > 90_000 && waitMs <= 100_000, `${waitMs} ms`);
  // Refused means that nothing was taken.
  assert(bucket.take(1, 0) <= waitMs);
});

Deno.test("whoever may owe more is served first", () => {
  const bucket = new Control().wire;
  bucket.set(1, 0);
  bucket.spend(100);
  assert(bucket.take(1, 0) > 0);
  assert(bucket.take(1, 80_000) > 0);
  assert.equal(bucket.take(1, 100_000), 0);
});

Deno.test("what was refunded can be taken again, and no more than that", () => {
  const bucket = new Control().wire;
  bucket.set(1, 0);
  bucket.spend(1_000);
  bucket.refund(900);
  const waitMs = bucket.take(1, 0);
  assert(waitMs > 90_000 && waitMs <= 100_000, `${waitMs} ms`);
});

Deno.test("spending asks nobody", () => {
  const bucket = new Control().wire;
  bucket.set(1, 0);
  bucket.spend(100);
  bucket.spend(100);
  const waitMs = bucket.take(1, 0);
  assert(waitMs > 190_000 && waitMs <= 200_000, `${waitMs} ms`);
});

Deno.test("idle time is made up for as far as the burst goes", () => {
  const bucket = new Control().wire;
  bucket.set(1, 10_000);
  let taken = 0;
  while (bucket.take(1, 0) === 0) taken++;
  // One for each of the ten seconds, and the last one on credit.
  assert.equal(taken, 11);
});

Deno.test("taking nothing only asks", () => {
  const bucket = new Control().wire;
  bucket.set(1, 0);
  for (let turn = 0; turn < 100; turn++) assert.equal(bucket.take(0, 0), 0);
  bucket.spend(10);
  assert(bucket.take(0, 0) > 0);
});

Deno.test("a limit can be lifted", () => {
  const bucket = new Control().wire;
  bucket.set(1, 0);
  bucket.spend(1_000_000);
  assert(bucket.take(1, 0) > 0);
  bucket.set(0, 0);
  assert.equal(bucket.take(1_000, 0), 0);
});

Deno.test("the buckets of a control block are three", () => {
  const { probes, wire, commitment } = new Control();
  for (const bucket of [probes, wire, commitment]) bucket.set(1, 0);
  wire.spend(100);
  assert.equal(probes.take(1, 0), 0);
  assert.equal(commitment.take(1, 0), 0);
  assert(wire.take(1, 0) > 0);
});
