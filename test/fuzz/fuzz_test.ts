import assert from "node:assert/strict";
import { readCorpus } from "./corpus.ts";
import { fuzz } from "./fuzz.ts";
import { INPUT_LENGTH_MAX, mutate } from "./mutator.ts";
import { Random } from "./random.ts";
import { targets } from "./targets.ts";

for (const target of targets) {
  Deno.test(`${target.name} takes its seeds, its corpus and a thousand mutations of them`, () => {
    const { failure } = fuzz(target, readCorpus(target.name), 1000, 7);
    if (failure !== null) throw failure.error;
  });
}

const SEEDS = [Uint8Array.of(0x30, 0x03, 0x02, 0x01, 0x05), new Uint8Array(300), new Uint8Array(0)];

Deno.test("the same seed gives the same inputs, another seed others", () => {
  const inputsOf = (seed: number) => {
    const random = new Random(seed);
    return Array.from({ length: 200 }, () => Array.from(mutate(random, SEEDS)));
  };
  assert.deepEqual(inputsOf(1), inputsOf(1));
  assert.notDeepEqual(inputsOf(1), inputsOf(2));
});

Deno.test("mutation leaves the pool alone and keeps inputs small", () => {
  const large = new Uint8Array(INPUT_LENGTH_MAX + 10);
  const random = new Random(3);
  for (let index = 0; index < 2000; index += 1) {
    assert.ok(mutate(random, [large, ...SEEDS]).length <= INPUT_LENGTH_MAX);
  }
  assert.ok(large.every((octet) => octet === 0));
  assert.deepEqual(Array.from(SEEDS[0]!), [0x30, 0x03, 0x02, 0x01, 0x05]);
});

Deno.test("a planted mistake is found, with the input that shows it", () => {
  const planted = new Error("length 0x84 mishandled");
  const target = {
    name: "planted",
    seeds: SEEDS,
    run(input: Uint8Array): number {
      if (input[0] === 0x30 && input[1] === 0x84) throw planted;
      return 1;
    },
  };
  const { failure, stepsMax } = fuzz(target, [], 100_000, 1);
  assert.equal(failure?.error, planted);
  assert.deepEqual(Array.from(failure.input.subarray(0, 2)), [0x30, 0x84]);
  assert.equal(stepsMax, 1);
});
