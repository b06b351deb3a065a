import { DatabaseSync } from "node:sqlite";
import { GraphFileError } from "./graph_file_error.ts";
import { SCHEMA } from "./schema.ts";

/**
 * Refuses a file that calls itself a graph but has other tables: what stands in their place (a view that never ends, a
 * column that is worked out, a trigger) would run in this process when they are read or written. Tables, views and
 * indexes that somebody has added harm nobody.
 *
 * @param action what cannot be done with the file: `open` or `write`.
 * @throws {GraphFileError} with the first that differs.
 */
export function checkSchema(database: DatabaseSync, path: string, action: "open" | "write"): void {
  const found = objectsOf(database);
  const refuse = (fault: string): never => {
    throw new GraphFileError(
      `Cannot ${action} ${path}: ${fault}; build it anew from the logs with --rebuild`,
    );
  };
  for (const [name, sql] of graphObjects()) {
    if (found.get(name) !== sql) refuse(`its ${name} is not that of a graph`);
  }
  const { name } = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").get() ?? {};
  if (name !== undefined) refuse("it has triggers, and a graph has none");
}

function graphObjects(): ReadonlyMap<string, string> {
  const database = new DatabaseSync(":memory:");
  try {
    database.exec(SCHEMA);
    return objectsOf(database);
  } finally {
    database.close();
  }
}

/** What was written to make each table, index and view, by its name. */
function objectsOf(database: DatabaseSync): ReadonlyMap<string, string> {
  const rows = database.prepare(
    "SELECT name, sql FROM sqlite_schema WHERE type <> 'trigger' AND sql IS NOT NULL",
  ).all();
  return new Map(rows.map(({ name, sql }) => [String(name), String(sql)]));
}
