import type { DatabaseSync } from "node:sqlite";
import { type BuilderGraph, writeError } from "./open_for_building.ts";

/**
 * Writes into a graph: all of it or, when something throws or the process is killed, nothing.
 *
 * @throws {GraphFileError} when it cannot be written.
 */
export function inTransaction<Result>({ database, path }: BuilderGraph, write: () => Result): Result {
  try {
    database.exec("BEGIN IMMEDIATE");
    try {
      const result = write();
      database.exec("COMMIT");
      return result;
    } catch (error) {
      rollBack(database);
      throw error;
    }
  } catch (error) {
    throw writeError(path, error);
  }
}

/** After some errors SQLite has done it already, and says so by another one. */
function rollBack(database: DatabaseSync): void {
  try {
    database.exec("ROLLBACK");
  } catch {
    // Then there is nothing left to be undone.
  }
}
