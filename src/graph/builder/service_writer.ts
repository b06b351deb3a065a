import type { DatabaseSync } from "node:sqlite";
import { NO_SERVER_NAME } from "../store/schema.ts";
import type { AddressIds } from "./address_writer.ts";
import type { Service } from "./batch.ts";
import { KeyTable } from "./key_table.ts";
import { type Pair, PairFinder } from "./pair_finder.ts";
import { RowWriter } from "./row_writer.ts";

/** Writes which addresses serve which certificates. */
export class ServiceWriter {
  readonly #names: KeyTable;
  readonly #nameRows: RowWriter;
  readonly #rows: RowWriter;
  readonly #pairs: PairFinder;

  constructor(database: DatabaseSync) {
    this.#names = new KeyTable(database, { table: "server_name", column: "name" });
    this.#nameRows = new RowWriter(database, "INSERT INTO server_name (id, name)", "(?, ?)");
    this.#rows = new RowWriter(
      database,
      "INSERT OR IGNORE INTO serves (ip, certificate, port, server_name, run)",
      "(?, ?, ?, ?, ?)",
    );
    this.#pairs = new PairFinder(database);
  }

  /** Returns how many addresses each certificate has gained. */
  write(
    services: readonly Service[],
    run: number,
    addresses: AddressIds,
    certificates: ReadonlyMap<string, number>,
  ): Map<number, number> {
    const names = this.#names.resolve(
      new Set(services.map(({ serverName }) => serverName).filter((name) => name !== null)),
    );
    for (const name of names.fresh) this.#nameRows.add(names.ids.get(name)!, name);
    this.#nameRows.finish();
    const rows = services.map(({ address, certificate, port, serverName }) => ({
      address: addresses(address),
      certificate: certificates.get(certificate.fingerprint)!,
      port,
      name: serverName === null ? NO_SERVER_NAME : names.ids.get(serverName)!,
    }));
    rows.sort((a, b) => a.address - b.address || a.certificate - b.certificate || a.port - b.port);
    const gained = this.#countNew(rows);
    for (const { address, certificate, port, name } of rows) {
      this.#rows.add(address, certificate, port, name, run);
    }
    this.#rows.finish();
    return gained;
  }

  #countNew(rows: readonly { address: number; certificate: number }[]): Map<number, number> {
    const pairs = rows
      .filter(({ address, certificate }, index) => {
        const before = rows[index - 1];
        return before?.address !== address || before.certificate !== certificate;
      })
      .map(({ address, certificate }): Pair => [address, certificate]);
    const counts = new Map<number, number>();
    for (const [, certificate] of this.#pairs.unknown(pairs)) {
      counts.set(certificate, (counts.get(certificate) ?? 0) + 1);
    }
    return counts;
  }
}
