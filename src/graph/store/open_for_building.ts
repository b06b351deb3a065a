import { closeSync, openSync, readSync, realpathSync, rmSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { FileLock } from "../../observe/mod.ts";
import { reasonOf } from "../../text/mod.ts";
import { checkJournal } from "./check_journal.ts";
import { checkLink } from "./check_link.ts";
import { checkSchema } from "./check_schema.ts";
import { GraphFileError } from "./graph_file_error.ts";
import { migrate } from "./migrations.ts";
import { APPLICATION_ID, SCHEMA, SCHEMA_VERSION } from "./schema.ts";
import { schemaVersion } from "./schema_version.ts";

/** A graph that this process alone adds to. */
export interface BuilderGraph extends Disposable {
  readonly path: string;
  readonly database: DatabaseSync;
  /**
   * Writes everything into the one file and lets other builders go on.
   *
   * @throws {GraphFileError} when it cannot be written; nothing is lost, and the next builder does it.
   */
  close(): void;
}

/** What is written behind a graph's name to make that of its lock. */
const LOCK_SUFFIX = "-lock";

/** How long a statement of the builder waits for a reader, which only the end of the log that SQLite keeps does. */
const BUSY_MS = 5_000;

/** Memory for pages of the database, in KiB: most of what a builder holds. */
const CACHE_KIB = 64 * 1024;

/**
 * Pages of SQLite's log after which they are written back into the file. A batch of facts touches tens of thousands;
 * writing them back after each thousand, the default, would write many pages again and again.
 */
const CHECKPOINT_PAGES = 32 * 1024;

/**
 * How the builder uses SQLite. Readers go on while it writes (WAL). A killed process loses nothing; a loss of power may
 * cost the last transactions, and with them the place in the log that they had come to, so that nothing is missing.
 * References are not checked: the builder makes what they point to itself.
 */
const PRAGMAS = `
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA cache_size = -${CACHE_KIB};
PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
PRAGMA journal_size_limit = 0;
PRAGMA foreign_keys = OFF;
`;

/** SQLite's file format: what a database starts with, and where the number is that says whose it is. */
const HEADER_SIZE = 100;
const MAGIC = "SQLite format 3\0";
const APPLICATION_ID_OFFSET = 68;

/** How a graph is opened. */
export interface BuildingOptions {
  /** What is in it is thrown away. */
  readonly anew?: boolean | undefined;
}

/**
 * Opens a graph to add to it, and makes one where there is no file or an empty one.
 *
 * @returns undefined when another builder has it.
 * @throws {GraphFileError} when the file is something else or cannot be written.
 */
export function openForBuilding(
  path: string,
  { anew = false }: BuildingOptions = {},
): BuilderGraph | undefined {
  checkLink(path, "write");
  checkFile(path);
  const file = wholePath(path);
  let lock: FileLock | undefined;
  let database: DatabaseSync | undefined;
  try {
    checkJournal(file);
    lock = FileLock.acquire(`${file}${LOCK_SUFFIX}`);
    if (lock === undefined) return undefined;
    if (anew) remove(file);
    database = new DatabaseSync(file);
    // The tables are looked at here, because Deno 2.4 says of no other call what is wrong with them.
    database.exec(`PRAGMA busy_timeout = ${BUSY_MS}; SELECT 1 FROM sqlite_schema`);
    schemaVersion(database, path, "write");
    if (isEmpty(database)) create(database);
    migrate(database);
    checkSchema(database, path, "write");
    database.exec(PRAGMAS);
    return new OpenGraph(path, database, lock);
  } catch (error) {
    database?.close();
    lock?.release();
    throw writeError(path, error);
  }
}

/** The one path of a file, by whatever link: beside it stands the lock. To SQLite it is no address (`file:...`). */
function wholePath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

/** With what SQLite keeps beside it, which belongs to this very file. Readers keep what they have open. */
function remove(file: string): void {
  for (const suffix of ["-wal", "-shm", "-journal", ""]) rmSync(`${file}${suffix}`, { force: true });
}

/** What went wrong with a graph that is written, said of its file. */
export function writeError(path: string, error: unknown): GraphFileError {
  if (error instanceof GraphFileError) return error;
  return new GraphFileError(`Cannot write ${path}: ${explain(reasonOf(error))}`, { cause: error });
}

function explain(reason: string): string {
  if (reason.includes("malformed")) return "the graph is damaged; build it anew from the logs with --rebuild";
  if (reason.includes("readonly database")) return "the file or its folder is read-only; name another file";
  if (/unable to open|No such file|Permission denied|Read-only/.test(reason)) {
    return "the folder does not exist, or cannot be written to; name another file";
  }
  if (/disk is full|No space left/.test(reason)) return "the disk is full; make room, and start it again";
  return reason;
}

/** Refuses what is no graph by its first octets, before anything is written beside it. */
function checkFile(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isFile()) throw new GraphFileError(`Cannot write ${path}: it is no file; name a graph`);
  if (found.size === 0) return;
  const header = new Uint8Array(HEADER_SIZE);
  const file = openSync(path, "r");
  try {
    readSync(file, header);
  } finally {
    closeSync(file);
  }
  const magic = new TextDecoder().decode(header.subarray(0, MAGIC.length));
  if (magic !== MAGIC) throw new GraphFileError(`Cannot write ${path}: it is no graph; name another file`);
  if (new DataView(header.buffer).getUint32(APPLICATION_ID_OFFSET) !== APPLICATION_ID) {
    throw new GraphFileError(`Cannot write ${path}: it is a database, but no graph; name another file`);
  }
}

/** Nothing in it, as a builder leaves it that was killed before it had made the tables. */
function isEmpty(database: DatabaseSync): boolean {
  return database.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() === undefined;
}

function create(database: DatabaseSync): void {
  database.exec(
    `BEGIN IMMEDIATE;
    ${SCHEMA}
    PRAGMA application_id = ${APPLICATION_ID};
    PRAGMA user_version = ${SCHEMA_VERSION};
    COMMIT`,
  );
}

class OpenGraph implements BuilderGraph {
  readonly path: string;
  readonly database: DatabaseSync;
  readonly #lock: FileLock;

  constructor(path: string, database: DatabaseSync, lock: FileLock) {
    this.path = path;
    this.database = database;
    this.#lock = lock;
  }

  close(): void {
    try {
      // SQLite does this at its own end too, but keeps to itself that it could not.
      this.database.exec("PRAGMA wal_checkpoint(PASSIVE)");
    } catch (error) {
      throw writeError(this.path, error);
    } finally {
      try {
        this.database.close();
      } finally {
        this.#lock.release();
      }
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
