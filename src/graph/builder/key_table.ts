import type { DatabaseSync, StatementSync } from "node:sqlite";

/** How many keys one statement looks for. */
const KEYS = 1_000;

/** Where the natural keys of a table are. */
export interface KeyColumn {
  readonly table: string;
  readonly column: string;
  /** Whether it holds the octets that the key is in hexadecimal. */
  readonly isBinary?: boolean;
  /** The lowest number that a row gets. */
  readonly idsFrom?: number;
}

/** What keys are in a table, and which it lacks. */
export interface ResolvedKeys {
  readonly ids: ReadonlyMap<string, number>;
  /** Those that were given a number just now and have no row yet. In order, so that their rows lie together. */
  readonly fresh: readonly string[];
}

/** A table of nodes that are known by a natural key and referred to by a number. */
export class KeyTable {
  readonly #find: StatementSync;
  #nextId: number;

  constructor(database: DatabaseSync, { table, column, isBinary = false, idsFrom = 1 }: KeyColumn) {
    const value = isBinary ? "unhex(key.value)" : "key.value";
    this.#find = database.prepare(
      `SELECT key.key AS place, ${table}.id AS id
      FROM json_each(?) AS key CROSS JOIN ${table} ON ${table}.${column} = ${value}`,
    );
    const { next } = database.prepare(`SELECT max(id) + 1 AS next FROM ${table}`).get()!;
    this.#nextId = Math.max(Number(next), idsFrom);
  }

  /** Finds the numbers of keys, and gives those one that have none. */
  resolve(keys: Iterable<string>): ResolvedKeys {
    const sorted = [...keys].sort();
    const ids = new Map<string, number>();
    for (let index = 0; index < sorted.length; index += KEYS) {
      const part = sorted.slice(index, index + KEYS);
      for (const { place, id } of this.#find.all(JSON.stringify(part))) {
        ids.set(part[Number(place)]!, Number(id));
      }
    }
    const fresh = sorted.filter((key) => !ids.has(key));
    for (const key of fresh) ids.set(key, this.#nextId++);
    return { ids, fresh };
  }
}
