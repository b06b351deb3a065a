import { csvLine } from "../graph/export/mod.ts";
import { queryGraph, type QueryResult, type QueryValue } from "../graph/mod.ts";
import { hexadecimal } from "../text/mod.ts";
import { askGraph } from "./ask_graph.ts";
import type { QueryOptions } from "./graph_query_options.ts";
import { type Column, tableLines } from "./table.ts";

/**
 * `margay graph query`: resolves to the exit code. Nobody listens for Ctrl-C, so it ends the process at once, in the
 * middle of whatever SQLite does; there is nothing that would have to be put in order.
 */
export function runGraphQuery({ sql, graph, format }: QueryOptions): Promise<number> {
  return askGraph(graph, (database) => {
    const result = queryGraph(database, sql);
    return format === "table" ? table(result) : format === "csv" ? csv(result) : ndjson(result);
  });
}

function* ndjson({ columns, rows }: QueryResult): Iterable<string> {
  const names = columns.map((name) => JSON.stringify(name));
  for (const row of rows) {
    yield `{${row.map((value, index) => `${names[index]}:${jsonText(value)}`).join(",")}}`;
  }
}

/** A whole number of any size is written with all its digits. */
function jsonText(value: QueryValue): string {
  if (typeof value === "bigint") return String(value);
  return JSON.stringify(value instanceof Uint8Array ? hexadecimal(value) : value);
}

function* csv({ columns, rows }: QueryResult): Iterable<string> {
  const line = (fields: readonly (string | undefined)[]) => csvLine(fields).slice(0, -1);
  if (columns.length > 0) yield line(columns);
  for (const row of rows) yield line(row.map((value) => value === null ? undefined : text(value)));
}

/** A column of numbers is one whose first row has a number. */
function* table({ columns, rows }: QueryResult): Iterable<string> {
  const iterator = rows[Symbol.iterator]();
  const first = iterator.next();
  const heads = columns.map((name, index): Column => {
    const value = first.done ? undefined : first.value[index];
    return { name, isNumber: typeof value === "bigint" || typeof value === "number" };
  });
  yield* tableLines(heads, texts(first, iterator));
}

function* texts(
  first: IteratorResult<readonly QueryValue[]>,
  rows: Iterator<readonly QueryValue[]>,
): Iterable<string[]> {
  for (let row = first; !row.done; row = rows.next()) {
    yield row.value.map((value) => value === null ? "" : text(value));
  }
}

function text(value: Exclude<QueryValue, null>): string {
  return value instanceof Uint8Array ? hexadecimal(value) : String(value);
}
