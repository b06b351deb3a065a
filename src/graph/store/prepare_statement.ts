import type { DatabaseSync, StatementSync } from "node:sqlite";
import { reasonOf } from "../../text/mod.ts";

/** What Deno 2.4 says of every statement that it cannot prepare. */
const HIDDEN = "failed to prepare statement";

/** Prepares a statement that only reads: where Deno hides what is wrong with it, it is said when it is run at once. */
export function prepareStatement(database: DatabaseSync, sql: string): StatementSync {
  try {
    return database.prepare(sql);
  } catch (error) {
    // It stays SQLite's error, whose code callers know.
    if (error instanceof Error && error.message === HIDDEN) error.message = runningReason(database, sql);
    throw error;
  }
}

function runningReason(database: DatabaseSync, sql: string): string {
  try {
    database.exec(sql);
    return HIDDEN;
  } catch (error) {
    // Deno adds where it is, in a statement that may not be what was asked for.
    return reasonOf(error).split(` in ${sql} at offset `)[0]!;
  }
}
