import { existsSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { reasonOf } from "../../text/mod.ts";
import { checkLink } from "./check_link.ts";
import { checkSchema } from "./check_schema.ts";
import { GraphFileError } from "./graph_file_error.ts";
import { APPLICATION_ID, SCHEMA_VERSION } from "./schema.ts";
import { schemaVersion } from "./schema_version.ts";

/** What a run folder's graph is called. */
export const GRAPH_FILE_NAME = "graph.sqlite";

/** How long a reader waits while the builder has the file for itself, which is moments. */
const BUSY_MS = 5_000;

/** The graph file that `path` means: itself, or the one in the folder of a run. */
export function graphFile(path: string): string {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  return isFolder ? join(path, GRAPH_FILE_NAME) : path;
}

/**
 * Opens a graph so that nothing can be written, by its file or by the folder of its run. A builder may go on with it.
 *
 * @throws {GraphFileError} when there is none, or it is none, or one that this version cannot read.
 */
export function openForReading(path: string): DatabaseSync {
  const file = graphFile(path);
  checkLink(file, "open");
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) {
    throw new GraphFileError(
      `Cannot open ${file}: there is no such file; name a graph or the folder of a run, or build one with ` +
        "margay graph build",
    );
  }
  if (!found.isFile()) throw new GraphFileError(`Cannot open ${file}: it is no file; name a graph`);
  try {
    return opened(file, file);
  } catch (error) {
    if (error instanceof GraphFileError) throw error;
    try {
      // Beside a closed graph SQLite wants to make files that nobody needs, which a read-only folder refuses.
      if (!existsSync(`${file}-wal`)) return opened(file, `${pathToFileURL(file)}?immutable=1`);
    } catch {
      // The first error says more.
    }
    throw new GraphFileError(`Cannot open ${file}: ${reasonOf(error)}; name a graph`, { cause: error });
  }
}

/** In octets: a longer text or blob, which no graph has, would end the process when Deno makes a string of it. */
const VALUE_LENGTH_MAX = 2 ** 27;

/** What Deno 2.9 has, and its types lack; Deno 2.4 passes over it. */
const LIMITS = { limits: { length: VALUE_LENGTH_MAX } };

/** A graph that is only read. */
class ReadDatabase extends DatabaseSync {
  readonly #file: string;

  /** @param location the file as SQLite is to open it. */
  constructor(file: string, location: string) {
    super(location, { readOnly: true, ...LIMITS });
    // SQLite keeps what it makes beside what a link leads to.
    this.#file = realpathSync(file);
  }

  override close(): void {
    super.close();
    removeLeftovers(this.#file);
  }
}

/**
 * Beside a graph that is read SQLite makes files, which a connection that cannot write leaves behind. One that can
 * takes them away, if it is the last; where there is something in them, the next builder takes it into the graph.
 */
function removeLeftovers(file: string): void {
  try {
    // A journal would be followed: what it says is somebody else's word.
    if (statSync(`${file}-wal`).size > 0 || existsSync(`${file}-journal`)) return;
    const database = new DatabaseSync(file);
    try {
      database.exec("SELECT 1 FROM sqlite_schema");
    } finally {
      database.close();
    }
  } catch {
    // There are none, or they are somebody else's.
  }
}

/** @param location the file as SQLite is to open it. */
function opened(file: string, location: string): DatabaseSync {
  const database = new ReadDatabase(file, location);
  try {
    database.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
    checkHeader(database, file);
    checkSchema(database, file, "open");
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Refuses what is no graph, and a graph of another schema than this version reads. */
function checkHeader(database: DatabaseSync, file: string): void {
  if (database.prepare("PRAGMA application_id").get()?.["application_id"] !== APPLICATION_ID) {
    throw new GraphFileError(`Cannot open ${file}: it is a database, but no graph of margay; name a graph`);
  }
  const version = schemaVersion(database, file, "open");
  if (version < SCHEMA_VERSION) {
    throw new GraphFileError(
      `Cannot open ${file}: an older margay wrote it (schema ${version}, this one reads ${SCHEMA_VERSION}); ` +
        `margay graph build --graph ${file} brings it up to date`,
    );
  }
}
