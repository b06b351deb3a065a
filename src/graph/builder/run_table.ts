import type { DatabaseSync } from "node:sqlite";
import type { LogPosition, RunObservation } from "../../observe/mod.ts";
import { sha256 } from "../sha256.ts";
import { GraphFileError } from "../store/graph_file_error.ts";

/** A run as the graph keeps it from its start. */
export interface RunRow {
  readonly name: string;
  /** SHA-256 of the first record, hexadecimal. */
  readonly digest: string;
  readonly started: string;
  readonly margayVersion: string;
  readonly targets: number;
  /** JSON. */
  readonly config: string;
}

/** What the first record of a log says. */
export function runRow(record: RunObservation): RunRow {
  return {
    name: record.id,
    digest: sha256(JSON.stringify(record)),
    started: record.time,
    margayVersion: record.margay_version,
    targets: record.targets,
    config: JSON.stringify(record.config),
  };
}

/** What the builder keeps of runs, and of how far it has come in their logs. */
export class RunTable {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /**
   * The number of a run, which is written when it is not known.
   *
   * @param source Whose run it is, for a person.
   * @throws {GraphFileError} when the graph knows another run of that name.
   */
  add(run: RunRow, source: string): number {
    const known = this.#database.prepare("SELECT id, hex(digest) AS digest, started FROM run WHERE name = ?")
      .get(run.name);
    if (known === undefined) return this.#insert(run);
    if (known["digest"] === run.digest.toUpperCase()) return Number(known["id"]);
    throw new GraphFileError(
      `Cannot add ${source}: its run ${run.name}, started ${run.started}, is another one than that in the graph` +
        `${this.#whereIs(Number(known["id"]))}, started ${known["started"]}; keep them in two graphs`,
    );
  }

  #insert({ name, digest, started, margayVersion, targets, config }: RunRow): number {
    const { lastInsertRowid } = this.#database.prepare(
      `INSERT INTO run (name, digest, started, margay_version, targets, config)
      VALUES (?, unhex(?), ?, ?, ?, ?)`,
    ).run(name, digest, started, margayVersion, targets, config);
    return Number(lastInsertRowid);
  }

  #whereIs(run: number): string {
    const found = this.#database.prepare("SELECT folder FROM source WHERE run = ? ORDER BY folder").get(run);
    return found === undefined ? "" : ` (from ${found["folder"]})`;
  }

  /** Where the log of a run goes on in a folder; undefined when none of its lines has been folded there. */
  position(folder: string, run: number): LogPosition | undefined {
    const found = this.#database.prepare("SELECT segment, offset FROM source WHERE folder = ? AND run = ?")
      .get(folder, run);
    return found && { segment: Number(found["segment"]), offset: Number(found["offset"]) };
  }

  setPosition(folder: string, run: number, { segment, offset }: LogPosition): void {
    this.#database.prepare(
      `INSERT INTO source (folder, run, segment, offset) VALUES (?, ?, ?, ?)
      ON CONFLICT (folder) DO UPDATE SET run = excluded.run, segment = excluded.segment, offset = excluded.offset`,
    ).run(folder, run, segment, offset);
  }
}
