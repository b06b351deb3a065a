import { createHash } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { LogPosition, RunObservation } from "../../observe/mod.ts";
import { GraphFileError } from "../store/graph_file_error.ts";

/** What the builder keeps of runs, and of how far it has come in their logs. */
export class RunTable {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /**
   * The number of the run that a log starts with, which is written when it is not known.
   *
   * @throws {GraphFileError} when the graph knows another run of that name.
   */
  add(record: RunObservation, folder: string): number {
    const digest = createHash("sha256").update(JSON.stringify(record)).digest();
    const known = this.#database.prepare("SELECT id, hex(digest) AS digest, started FROM run WHERE name = ?")
      .get(record.id);
    if (known === undefined) return this.#insert(record, digest);
    if (known["digest"] === digest.toString("hex").toUpperCase()) return Number(known["id"]);
    throw new GraphFileError(
      `Cannot add the log in ${folder}: its run ${record.id}, started ${record.time}, is another one than that in ` +
        `the graph${this.#whereIs(Number(known["id"]))}, started ${
          known["started"]
        }; keep them in two graphs`,
    );
  }

  #insert(record: RunObservation, digest: Uint8Array): number {
    const { lastInsertRowid } = this.#database.prepare(
      "INSERT INTO run (name, digest, started, margay_version, targets, config) VALUES (?, ?, ?, ?, ?, ?)",
    ).run(
      record.id,
      digest,
      record.time,
      record.margay_version,
      record.targets,
      JSON.stringify(record.config),
    );
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
