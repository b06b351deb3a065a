import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { BatchCertificate } from "./batch.ts";
import { Counter } from "./counter.ts";
import { DETAIL_COLUMNS, type DetailedCertificate, DetailsWriter, type NewNames } from "./details_writer.ts";
import { KeyTable, type ResolvedKeys } from "./key_table.ts";
import { RowWriter } from "./row_writer.ts";

const NO_DETAILS = DETAIL_COLUMNS.map(() => null);

/** Writes certificates with what they name, and the runs and chains they were seen in. */
export class CertificateWriter {
  readonly #certificates: KeyTable;
  readonly #rows: RowWriter;
  readonly #runRows: RowWriter;
  readonly #chainRows: RowWriter;
  readonly #addresses: Counter;
  readonly #details: DetailsWriter;
  readonly #findBare: StatementSync;
  readonly #setDetails: StatementSync;

  constructor(database: DatabaseSync) {
    this.#certificates = new KeyTable(database, {
      table: "certificate",
      column: "fingerprint",
      isBinary: true,
    });
    const names = DETAIL_COLUMNS.map(([name]) => name).join(", ");
    const values = DETAIL_COLUMNS.map(([, value]) => value).join(", ");
    this.#rows = new RowWriter(
      database,
      `INSERT INTO certificate (id, fingerprint, addresses, ${names})`,
      `(?, unhex(?), ?, ${values})`,
    );
    this.#runRows = new RowWriter(
      database,
      "INSERT OR IGNORE INTO certificate_in_run (certificate, run)",
      "(?, ?)",
    );
    this.#chainRows = new RowWriter(database, "INSERT OR IGNORE INTO chained (certificate, next)", "(?, ?)");
    this.#addresses = new Counter(database, "certificate", "addresses");
    this.#details = new DetailsWriter(database);
    this.#findBare = database.prepare(
      `SELECT certificate.id FROM json_each(?) AS known CROSS JOIN certificate ON certificate.id = known.value
      WHERE self_signed IS NULL`,
    );
    this.#setDetails = database.prepare(`UPDATE certificate SET (${names}) = (${values}) WHERE id = ?`);
  }

  /** Finds the numbers of certificates, and gives those one that are new. {@linkcode write} is to follow. */
  resolve(certificates: ReadonlyMap<string, BatchCertificate>): ResolvedKeys {
    return this.#certificates.resolve(certificates.keys());
  }

  /** @param gained How many addresses each certificate has gained. */
  write(
    certificates: ReadonlyMap<string, BatchCertificate>,
    { ids, fresh }: ResolvedKeys,
    gained: Map<number, number>,
    run: number,
  ): NewNames {
    const added = new Set(fresh);
    const bare = this.#bareOf(
      [...certificates.values()]
        .filter(({ fingerprint, details }) => details !== undefined && !added.has(fingerprint))
        .map(({ fingerprint }) => ids.get(fingerprint)!),
    );
    const detailed: DetailedCertificate[] = [];
    for (const { fingerprint, details } of certificates.values()) {
      const id = ids.get(fingerprint)!;
      if (details && (added.has(fingerprint) || bare.has(id))) detailed.push({ id, details });
    }
    const { newNames, values } = this.#details.write(detailed);
    for (const fingerprint of fresh) {
      const id = ids.get(fingerprint)!;
      this.#rows.add(id, fingerprint, gained.get(id) ?? 0, ...values.get(id) ?? NO_DETAILS);
      gained.delete(id);
    }
    this.#rows.finish();
    for (const id of bare) this.#setDetails.run(...values.get(id)!, id);
    this.#addresses.add(gained);
    this.#writeSights(certificates, ids, run);
    return newNames;
  }

  #bareOf(ids: readonly number[]): Set<number> {
    return new Set(this.#findBare.all(JSON.stringify(ids)).map(({ id }) => Number(id)));
  }

  #writeSights(
    certificates: ReadonlyMap<string, BatchCertificate>,
    ids: ReadonlyMap<string, number>,
    run: number,
  ): void {
    const sights = [...certificates.values()]
      .map(({ fingerprint, next }) => ({ id: ids.get(fingerprint)!, next }))
      .sort((a, b) => a.id - b.id);
    for (const { id, next } of sights) {
      this.#runRows.add(id, run);
      for (const { fingerprint } of next) this.#chainRows.add(id, ids.get(fingerprint)!);
    }
    this.#runRows.finish();
    this.#chainRows.finish();
  }
}
