import type { DatabaseSync, StatementSync } from "node:sqlite";

/** How many pairs one statement looks for. */
const PAIRS = 64;

/** An address and a certificate, by their numbers in the graph. */
export type Pair = readonly [address: number, certificate: number];

/** Tells which addresses are known to serve which certificates, whatever the port, the name and the run. */
export class PairFinder {
  readonly #find: StatementSync;

  constructor(database: DatabaseSync) {
    const rows = Array.from({ length: PAIRS }, (_, place) => `(${place}, ?, ?)`).join(", ");
    this.#find = database.prepare(
      `WITH pair (place, ip, certificate) AS (VALUES ${rows})
      SELECT place FROM pair WHERE EXISTS (
        SELECT 1 FROM serves WHERE serves.ip = pair.ip AND serves.certificate = pair.certificate
      )`,
    );
  }

  /** Those that are not known. */
  unknown(pairs: readonly Pair[]): Pair[] {
    const unknown: Pair[] = [];
    for (let index = 0; index < pairs.length; index += PAIRS) {
      const part = pairs.slice(index, index + PAIRS);
      const values = part.flat();
      // Nothing equals NULL.
      const padding = new Array<null>(2 * PAIRS - values.length).fill(null);
      const known = new Set(this.#find.all(...values, ...padding).map(({ place }) => Number(place)));
      unknown.push(...part.filter((_, place) => !known.has(place)));
    }
    return unknown;
  }
}
