import type { DatabaseSync } from "node:sqlite";
import { SCHEMA_VERSION } from "./schema.ts";

/** What makes a graph of one schema version one of the next. */
export interface Migration {
  readonly from: number;
  readonly sql: string;
}

/** In order, one for each version before {@linkcode SCHEMA_VERSION}. The first version has none before it. */
const MIGRATIONS: readonly Migration[] = [];

/** Brings a graph up to date; a process that is killed meanwhile leaves it as it was. */
export function migrate(
  database: DatabaseSync,
  migrations: readonly Migration[] = MIGRATIONS,
  versionAfter = SCHEMA_VERSION,
): void {
  database.exec("BEGIN IMMEDIATE");
  try {
    let version = Number(database.prepare("PRAGMA user_version").get()!["user_version"]);
    while (version < versionAfter) {
      const migration = migrations.find(({ from }) => from === version);
      if (migration === undefined) throw new Error(`nothing leads on from schema ${version}`);
      database.exec(migration.sql);
      version += 1;
    }
    database.exec(`PRAGMA user_version = ${version}; COMMIT`);
  } catch (error) {
    try {
      database.exec("ROLLBACK");
    } catch {
      // After some errors, such as a full disk, SQLite has done it already.
    }
    throw error;
  }
}
