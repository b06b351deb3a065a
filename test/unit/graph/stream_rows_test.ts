import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { streamRows } from "../../../src/graph/store/stream_rows.ts";
import { OldDatabase } from "./old_database.ts";

/** Deno 2.4 fetches all rows at once. */
const IS_OLD = Deno.version.deno.startsWith("2.4.");

const KINDS = [
  { name: "rows", Database: DatabaseSync, isStreaming: !IS_OLD },
  { name: "rows of Deno 2.4", Database: OldDatabase, isStreaming: false },
];

for (const { name, Database, isStreaming } of KINDS) {
  const numbers = (...values: readonly (number | bigint)[]): DatabaseSync => {
    const database = new Database(":memory:");
    database.exec("CREATE TABLE number (value)");
    for (const value of values) database.prepare("INSERT INTO number VALUES (?)").run(value);
    return database;
  };

  Deno.test(`${name} come in the order of the query, with every column`, () => {
    const { columns, rows } = streamRows(
      numbers(1, 2, 3),
      "SELECT value, value * 10 AS value FROM number WHERE value > ? ORDER BY value DESC -- all",
      [1],
    );
    assert.deepEqual(columns, ["value", "value"]);
    assert.deepEqual([...rows], [[3, 30], [2, 20]]);
  });

  Deno.test(`${name}: columns keep names and places, whatever they are called and where there is no row`, () => {
    const names = ["b", "a", "7", "A", "a", "3:1", "7", "a", "a", "a", "a", "7"];
    const query = `SELECT ${names.map((name, index) => `${index} AS "${name}"`)}`;
    const { columns, rows } = streamRows(numbers(), query);
    assert.deepEqual(columns, names);
    assert.deepEqual([...rows], [[...names.keys()]]);
    assert.deepEqual(streamRows(numbers(), `${query} WHERE 0`).columns, names);
    assert.deepEqual([...streamRows(numbers(), `${query} WHERE 0`).rows], []);
  });

  Deno.test(`${name}: an error in the middle is no end of them`, () => {
    const database = numbers(1, 2, -(2n ** 63n), 4);
    const seen: unknown[] = [];
    assert.throws(() => {
      for (const [value] of streamRows(database, "SELECT abs(value) FROM number").rows) seen.push(value);
    }, /integer overflow/);
    assert.deepEqual(seen, isStreaming ? [1, 2] : []);
  });

  Deno.test(`${name}: what is wrong with a query is said in SQLite's words`, () => {
    assert.throws(
      () => streamRows(numbers(), "SELECT * FROM word"),
      { message: "no such table: word", code: "ERR_SQLITE_ERROR" },
    );
    // It would write, were it run by itself.
    const database = numbers(1);
    assert.throws(
      () => streamRows(database, "WITH one AS (SELECT 1) DELETE FROM number"),
      /^Error: near "DELETE": syntax error$/,
    );
    assert.deepEqual([...streamRows(database, "SELECT value FROM number").rows], [[1]]);
  });
}
