import assert from "node:assert/strict";
import { readingStatement } from "../../../src/graph/questions/reading_statement.ts";

Deno.test("one statement that reads is taken, without what stands around it", () => {
  for (
    const [sql, text] of [
      ["SELECT 1", "SELECT 1"],
      ["  select 1 ; ", "select 1"],
      ["-- a question\nVALUES (1); -- and no more", "VALUES (1)"],
      ["/* ; */ SELECT ';', \";\", `;`, [;] -- ;\n", "SELECT ';', \";\", `;`, [;] -- ;"],
      ["SELECT 'it''s; fine'", "SELECT 'it''s; fine'"],
      ["WITH a AS (SELECT 1) SELECT * FROM a", "WITH a AS (SELECT 1) SELECT * FROM a"],
    ] as const
  ) {
    assert.deepEqual(readingStatement(sql), { text, isSelection: true });
  }
  for (
    const sql of [
      "EXPLAIN QUERY PLAN SELECT 1",
      "PRAGMA table_info(ip)",
      "pragma main.table_xinfo ( 'ip' )",
      "PRAGMA table_list;",
      "PRAGMA user_version",
    ]
  ) {
    assert.equal(readingStatement(sql).isSelection, false, sql);
  }
});

Deno.test("what could write, or would be passed over, is refused", () => {
  for (
    const sql of [
      "",
      " ; ",
      "-- nothing",
      "/* open",
      "DELETE FROM ip",
      "INSERT INTO ip VALUES (1)",
      "CREATE TEMP TABLE x (a)",
      "ATTACH 'other' AS other",
      "DETACH other",
      "VACUUM INTO 'copy'",
      "BEGIN",
      "REINDEX",
      "PRAGMA user_version = 5",
      "PRAGMA user_version(5)",
      "PRAGMA journal_mode",
      "PRAGMA writable_schema = 1",
      "PRAGMA table_info(ip) = 1",
      "PRAGMA query_only = 0",
      "SELECT 1; DELETE FROM ip",
      "SELECT 1;; SELECT 2",
      "SELECT ';'; SELECT 2",
      "SELECT 1 -- ;\n; DELETE FROM ip",
      "SELECT 1 /* ; */ ; /* */ DELETE FROM ip",
    ]
  ) {
    assert.throws(() => readingStatement(sql), /^Error: Cannot run this query: /, sql);
  }
});
