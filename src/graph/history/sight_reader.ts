import type { DatabaseSync, StatementSync } from "node:sqlite";
import { streamRows } from "../store/stream_rows.ts";
import { Kept } from "./kept.ts";
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

type SightRow = readonly [
  address: number,
  run: number,
  certificate: number,
  port: number,
  serverName: number,
];

const ADDRESSES = "SELECT DISTINCT ip FROM serves WHERE certificate = ? AND run = ? ORDER BY ip LIMIT ?";

/** Runs of certificates that are kept, all together: a certificate can name many domains. */
const RUNS_KEPT = 500_000;

/** A certificate that bears a domain's name, with the number of addresses that ever served it. */
export interface Bearer {
  readonly id: number;
  readonly addresses: number;
}

/** Up to so many addresses of all its certificates a domain's sights are read at once. */
const FEW_ADDRESSES = 1000;

/** Reads who served which certificate when. A run that came to the graph after `runs` were read is passed over. */
export class SightReader {
  readonly #ranks: ReadonlyMap<number, number>;
  readonly #runs: StatementSync;
  readonly #database: DatabaseSync;
  readonly #sights: StatementSync;
  readonly #address: StatementSync;
  readonly #addresses: StatementSync;
  readonly #kept = new Kept<number, readonly number[]>(RUNS_KEPT, ({ length }) => length);

  constructor(database: DatabaseSync, runs: RunOrder) {
    this.#ranks = new Map(runs.map(({ id }, rank) => [id, rank]));
    this.#database = database;
    this.#runs = database.prepare(RUNS);
    this.#sights = database.prepare(SIGHTS);
    this.#address = database.prepare("SELECT address FROM ip WHERE id = ?");
    this.#addresses = database.prepare(ADDRESSES);
  }

  /** Reads when these were served, and all sights of them by address, each address's by run. */
  read(bearers: readonly Bearer[]): { timeline: Timeline; sights: Iterable<Sight> } {
    const ids = bearers.map(({ id }) => id);
    if (bearers.reduce((sum, { addresses }) => sum + addresses, 0) > FEW_ADDRESSES) {
      return { timeline: new Timeline(ids.map((id) => [id, this.#runsOf(id)])), sights: this.#stream(ids) };
    }
    // Nearly all domains are of this kind. For them reading everything at once takes the least time.
    const rows = this.#sights.all(JSON.stringify(ids)) as unknown as readonly Sight[];
    const sights = rows.flatMap((sight) => {
      const run = this.#ranks.get(sight.run);
      return run === undefined ? [] : [{ ...sight, run }];
    });
    const runsOf = new Map(ids.map((id) => [id, new Set<number>()]));
    for (const { certificate, run } of sights) runsOf.get(certificate)!.add(run);
    return { timeline: new Timeline(runsOf), sights };
  }

  /** The first addresses that served a certificate in a run, by the run's key in the store. */
  addressesOf(certificate: number, run: number, limit: number): number[] {
    return this.#addresses.all(certificate, run, limit).map(({ ip }) => Number(ip));
  }

  /** An address as text. */
  address(key: number): string {
    return String(this.#address.get(key)?.address);
  }

  *#stream(certificates: readonly number[]): Generator<Sight> {
    for (const row of streamRows(this.#database, SIGHTS, [JSON.stringify(certificates)]).rows) {
      const [address, runId, certificate, port, serverName] = row as SightRow;
      const run = this.#ranks.get(runId);
      if (run !== undefined) yield { address, run, certificate, port, serverName };
    }
  }

  #runsOf(certificate: number): readonly number[] {
    return this.#kept.get(certificate, () => {
      return this.#runs.all(certificate).flatMap(({ run }) => this.#ranks.get(Number(run)) ?? []);
    });
  }
}
