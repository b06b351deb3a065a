import type { DatabaseSync, StatementSync } from "node:sqlite";

/** A counter that rows of a table have. */
export class Counter {
  readonly #add: StatementSync;

  constructor(database: DatabaseSync, table: string, column: string) {
    this.#add = database.prepare(
      `UPDATE ${table} SET ${column} = ${column} + ? WHERE id IN (SELECT value FROM json_each(?))`,
    );
  }

  /** Adds what each row has gained. Most have gained the same, one, and share a statement. */
  add(gains: Iterable<readonly [id: number, gained: number]>): void {
    const byGain = new Map<number, number[]>();
    for (const [id, gained] of gains) {
      const ids = byGain.get(gained);
      if (ids === undefined) byGain.set(gained, [id]);
      else ids.push(id);
    }
    for (const [gained, ids] of byGain) this.#add.run(gained, JSON.stringify(ids));
  }
}
