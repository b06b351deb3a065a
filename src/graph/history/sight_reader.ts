import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { RunOrder } from "./run_order.ts";
import type { Sight } from "./succession.ts";
import { Timeline } from "./timeline.ts";

const RUNS = "SELECT DISTINCT run FROM serves WHERE certificate = ?";

/** The order is the database's to make: it needs no more memory for a million rows than for ten. */
const SIGHTS = `
  SELECT ip AS address, run, certificate, port, server_name AS serverName
  FROM serves JOIN run ON run.id = serves.run
  WHERE certificate IN (SELECT value FROM json_each(?))
  ORDER BY ip, run.name`;

const ADDRESSES = "SELECT DISTINCT ip FROM serves WHERE certificate = ? AND run = ? ORDER BY ip LIMIT ?";

/** Runs of certificates that are kept, all together: a certificate can name many domains. */
const RUNS_KEPT = 500_000;

/** Reads who served which certificate when. A run that came to the graph after `runs` were read is passed over. */
export class SightReader {
  readonly #ranks: ReadonlyMap<number, number>;
  readonly #runs: StatementSync;
  readonly #sights: StatementSync;
  readonly #address: StatementSync;
  readonly #addresses: StatementSync;
  readonly #kept = new Map<number, readonly number[]>();
  #keptRuns = 0;

  constructor(database: DatabaseSync, runs: RunOrder) {
    this.#ranks = new Map(runs.map(({ id }, rank) => [id, rank]));
    this.#runs = database.prepare(RUNS);
    this.#sights = database.prepare(SIGHTS);
    this.#address = database.prepare("SELECT address FROM ip WHERE id = ?");
    this.#addresses = database.prepare(ADDRESSES);
  }

  /** In which runs each of these was served. */
  timelineOf(certificates: readonly number[]): Timeline {
    return new Timeline(new Map(certificates.map((certificate) => [certificate, this.#runsOf(certificate)])));
  }

  /** All sights of these, by address, each address's by run. */
  *sightsOf(certificates: readonly number[]): Generator<Sight> {
    for (const row of this.#sights.iterate(JSON.stringify(certificates))) {
      const sight = row as unknown as Sight;
      const rank = this.#ranks.get(sight.run);
      if (rank !== undefined) yield { ...sight, run: rank };
    }
  }

  /** The first addresses that served a certificate in a run, by the run's key in the store. */
  addressesOf(certificate: number, run: number, limit: number): number[] {
    return this.#addresses.all(certificate, run, limit).map(({ ip }) => Number(ip));
  }

  /** An address as text. */
  address(key: number): string {
    return String(this.#address.get(key)?.address);
  }

  #runsOf(certificate: number): readonly number[] {
    const known = this.#kept.get(certificate);
    if (known !== undefined) return known;
    const ranks = this.#runs.all(certificate).flatMap(({ run }) => this.#ranks.get(Number(run)) ?? []);
    ranks.sort((a, b) => a - b);
    if (this.#keptRuns > RUNS_KEPT) {
      this.#kept.clear();
      this.#keptRuns = 0;
    }
    this.#kept.set(certificate, ranks);
    this.#keptRuns += ranks.length;
    return ranks;
  }
}
