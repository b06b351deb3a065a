import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";

/** How many rows one statement writes: calls from JavaScript cost more than what SQLite does for a row. */
const ROWS = 64;

/** Writes many rows of one kind through few calls. */
export class RowWriter {
  readonly #many: StatementSync;
  readonly #one: StatementSync;
  readonly #columnCount: number;
  #values: SQLInputValue[] = [];
  #changed = 0;

  /**
   * @param insert All of the statement before its values, such as `INSERT INTO domain`.
   * @param row The values of a row, such as `(?, unhex(?))`.
   */
  constructor(database: DatabaseSync, insert: string, row: string) {
    this.#many = database.prepare(`${insert} VALUES ${new Array(ROWS).fill(row).join(", ")}`);
    this.#one = database.prepare(`${insert} VALUES ${row}`);
    this.#columnCount = row.split("?").length - 1;
  }

  add(...values: SQLInputValue[]): void {
    this.#values.push(...values);
    if (this.#values.length < ROWS * this.#columnCount) return;
    this.#changed += Number(this.#many.run(...this.#values).changes);
    this.#values = [];
  }

  /** Writes what is left, and says how many rows have been changed since it was last asked. */
  finish(): number {
    for (let index = 0; index < this.#values.length; index += this.#columnCount) {
      const row = this.#values.slice(index, index + this.#columnCount);
      this.#changed += Number(this.#one.run(...row).changes);
    }
    this.#values = [];
    const changed = this.#changed;
    this.#changed = 0;
    return changed;
  }
}
