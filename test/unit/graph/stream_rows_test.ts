import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { streamRows } from "../../../src/graph/store/stream_rows.ts";

function numbers(...values: readonly (number | bigint)[]): DatabaseSync {
  const database = new DatabaseSync(":memory:");
  database.exec("CREATE TABLE number (value)");
  for (const value of values) database.prepare("INSERT INTO number VALUES (?)").run(value);
  return database;
}

Deno.test("rows come in the order of the query, with every column", () => {
  const { columns, rows } = streamRows(
    numbers(1, 2, 3),
    "SELECT value, value * 10 AS value FROM number WHERE value > ? ORDER BY value DESC -- all",
    [1],
  );
  assert.deepEqual(columns, ["value", "value"]);
  assert.deepEqual([...rows], [[3, 30], [2, 20]]);
  assert.deepEqual([...streamRows(numbers(), "SELECT value FROM number").rows], []);
});

Deno.test("an error in the middle is no end of the rows", () => {
  const database = numbers(1, 2, -(2n ** 63n), 4);
  const seen: unknown[] = [];
  assert.throws(() => {
    for (const [value] of streamRows(database, "SELECT abs(value) FROM number").rows) seen.push(value);
  }, /integer overflow/);
  assert.deepEqual(seen, [1, 2]);
});
