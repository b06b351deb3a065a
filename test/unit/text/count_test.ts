import assert from "node:assert/strict";
import { formatCount, plural } from "../../../src/text/mod.ts";

Deno.test("counts are written in groups of three digits", () => {
  const counts = [0, 999, 1000, 65_536, 1_234_567, 2n ** 64n];
  assert.deepEqual(counts.map(formatCount), [
    "0",
    "999",
    "1,000",
    "65,536",
    "1,234,567",
    "18,446,744,073,709,551,616",
  ]);
  assert.deepEqual([0, 1, 1234].map((count) => plural(count, "target")), [
    "0 targets",
    "1 target",
    "1,234 targets",
  ]);
});
