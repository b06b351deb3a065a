import type { DatabaseSync } from "node:sqlite";
import type { Row } from "./node_queries.ts";
import { streamRows } from "./stream_rows.ts";

/** The rows of a SELECT by the names of its columns, fetched as they are asked for. */
export function* rowsOf(database: DatabaseSync, query: string): Generator<Row, void> {
  const { columns, rows } = streamRows(database, query);
  for (const values of rows) {
    const row: Record<string, Row[string]> = {};
    for (const [index, column] of columns.entries()) row[column] = values[index] as Row[string];
    yield row;
  }
}
