import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { reasonOf } from "../../text/mod.ts";
import { prepareStatement } from "../store/prepare_statement.ts";
import { streamRows } from "../store/stream_rows.ts";
import { readingStatement } from "./reading_statement.ts";

/** What SQLite knows: whole numbers come exact. */
export type QueryValue = null | bigint | number | string | Uint8Array;

/** What came of a query. Rows are fetched as they are asked for. */
export interface QueryResult {
  /** Each name once. */
  readonly columns: readonly string[];
  readonly rows: Iterable<readonly QueryValue[]>;
}

/** What SQLite says of a statement that would write behind a WITH, or do what is shut off here. */
const WRITING = /^not authorized|near "(?:INSERT|REPLACE|UPDATE|DELETE)"/i;

/** How wide the list of tables gets. */
const LINE_COLUMNS = 76;

/**
 * Runs one statement that reads. Nothing bounds how long it takes: a connection that cannot write can be left at any
 * instant, so whoever waits ends the process.
 *
 * @throws {Error} for what is not one statement that reads, and with SQLite's own words; the same while rows are read.
 */
export function queryGraph(database: DatabaseSync, sql: string): QueryResult {
  const { text, isSelection } = readingStatement(sql);
  return explained(database, () => {
    if (isSelection) {
      const { columns, rows } = streamRows(database, text, [], (statement) => statement.setReadBigInts(true));
      return { columns: unique(columns), rows: explainedRows(database, rows) };
    }
    // What describes tables and plans has few rows, and cannot be asked as part of something else.
    const statement = prepareStatement(database, text);
    statement.setReadBigInts(true);
    const rows = statement.all();
    return {
      columns: Object.keys(rows[0] ?? {}),
      rows: rows.map((row) => Object.values(row) as QueryValue[]),
    };
  });
}

/** The second of two columns with one name gets a number. */
function unique(names: readonly string[]): string[] {
  const counts = new Map<string, number>();
  return names.map((name) => {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return count === 1 ? name : `${name}_${count}`;
  });
}

function* explainedRows(
  database: DatabaseSync,
  rows: Iterable<readonly SQLOutputValue[]>,
): Iterable<readonly QueryValue[]> {
  const iterator = rows[Symbol.iterator]();
  for (;;) {
    const { done, value } = explained(database, () => iterator.next());
    if (done) return;
    yield value as readonly QueryValue[];
  }
}

/** Says what SQLite says, and what there is to ask. */
function explained<Result>(database: DatabaseSync, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    const reason = reasonOf(error);
    const state = WRITING.test(reason)
      ? `a graph is only read here (SQLite: ${reason})`
      : `${reason}\n${tables(database)}`;
    throw new Error(`Cannot run this query: ${state}`, { cause: error });
  }
}

function tables(database: DatabaseSync): string {
  const rows = database.prepare(
    "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY name",
  ).all();
  const names = rows.map(({ name }) => String(name));
  const lines: string[] = [];
  for (const name of names) {
    const last = lines.at(-1);
    if (last === undefined || last.length + name.length > LINE_COLUMNS) lines.push(`  ${name}`);
    else lines[lines.length - 1] = `${last}, ${name}`;
  }
  return `The tables and views are\n${lines.join(",\n")}`;
}
