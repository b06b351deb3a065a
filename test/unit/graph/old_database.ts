import { DatabaseSync, type StatementSync } from "node:sqlite";

/** Has what Deno 2.4's SQLite has, and says what that says: rows are objects, and no reason why a statement is none. */
export class OldDatabase extends DatabaseSync {
  override prepare(sql: string): StatementSync {
    try {
      return Object.defineProperties(super.prepare(sql), {
        columns: { value: undefined },
        setReturnArrays: { value: undefined },
      });
    } catch {
      throw Object.assign(new Error("failed to prepare statement"), { code: "ERR_SQLITE_ERROR" });
    }
  }
}
