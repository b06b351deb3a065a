import { DatabaseSync } from "node:sqlite";
import { checkJournal } from "./check_journal.ts";

/** What is written behind a graph's name to make that of its lock. The file is empty and stays where it is. */
const LOCK_SUFFIX = "-lock";

/**
 * Says that this process builds a graph. It is SQLite's own lock on an empty database beside the graph: the kernel
 * lets go of it when the process ends, however it does, and whoever reads the graph never asks for it.
 */
export class BuilderLock {
  readonly #database: DatabaseSync;

  private constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /**
   * Undefined when another builder has it.
   *
   * @throws {Error} when the folder of the graph cannot be written to.
   */
  static acquire(graphPath: string): BuilderLock | undefined {
    const path = `${graphPath}${LOCK_SUFFIX}`;
    checkJournal(path);
    const database = new DatabaseSync(path);
    try {
      // A journal in memory leaves no file behind in a process that is killed.
      database.exec("PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
      return new BuilderLock(database);
    } catch (error) {
      database.close();
      if (error instanceof Error && error.message.includes("database is locked")) return undefined;
      throw error;
    }
  }

  release(): void {
    this.#database.close();
  }
}
