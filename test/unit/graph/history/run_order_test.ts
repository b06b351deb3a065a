import assert from "node:assert/strict";
import { rankOfFirstRun, rankOfRun, readRunOrder } from "../../../../src/graph/history/mod.ts";
import { GraphRows } from "../graph_rows.ts";

function runs(...names: readonly string[]) {
  const rows = new GraphRows();
  for (const name of names) rows.run(name);
  return readRunOrder(rows.database);
}

const [first, second, third] = [
  "20260101T000000Z-00000001",
  "20260201T000000Z-0000000a",
  "20260201T000000Z-0000000b",
] as const;

Deno.test("a run is meant by its name, by a beginning of its own, or by its place", () => {
  const three = runs(third, first, second);
  assert.deepEqual(three.map(({ name }) => name), [first, second, third]);
  assert.equal(rankOfRun(three, second), 1);
  assert.equal(rankOfRun(three, "202601"), 0);
  assert.equal(rankOfRun(three, "first"), 0);
  assert.equal(rankOfRun(three, "previous"), 1);
  assert.equal(rankOfRun(three, "last"), 2);
  assert.equal(rankOfRun(runs("a", "ab"), "a"), 0);
});

Deno.test("what is no run, or several, is refused with what there is", () => {
  const three = runs(first, second, third);
  assert.throws(() => rankOfRun(three, "202602"), {
    message: `Cannot tell which run 202602 is: 2 names begin so, ${second} is the first; write more of it`,
  });
  const message = `the graph's 3 runs go from ${first} to ${third}; ` +
    "write a name, its beginning, first, previous or last";
  for (const text of ["2027", "", "constructor"]) {
    assert.throws(() => rankOfRun(three, text), { message: `Cannot find the run ${text}: ${message}` });
  }
  assert.throws(
    () => rankOfRun(runs(first), "previous"),
    /the graph's only run is 20260101T000000Z-00000001;/,
  );
  assert.throws(() => rankOfRun(runs(), "last"), /the graph holds no run;/);
});

Deno.test("the first run of a day is meant by the day", () => {
  const three = runs(first, second, third);
  assert.equal(rankOfFirstRun(three, "20260201"), 1);
  assert.equal(rankOfFirstRun(three, third), 2);
  assert.equal(rankOfFirstRun(three, "last"), 2);
  assert.throws(() => rankOfFirstRun(three, "2025"), /^Error: Cannot find the run 2025: /);
});
