import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Batch } from "./batch.ts";
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
  resolve({ certificates }: Batch): ResolvedKeys {
    return this.#certificates.resolve(certificates.keys());
  }

  /** @param gained How many addresses each certificate has gained. */
  write(
    { certificates, forms }: Batch,
    { ids, fresh }: ResolvedKeys,
    gained: Map<number, number>,
    run: number,
  ): NewNames {
    const all = [...certificates.values()].map((certificate) => ({
      ...certificate,
      id: ids.get(certificate.fingerprint)!,
    }));
    const added = new Set(fresh);
    const described = all.filter(({ details }) => details !== undefined);
    const bare = this.#bareOf(described.filter(({ fingerprint }) => !added.has(fingerprint)));
    const lacking = described.filter(({ id, fingerprint }) => added.has(fingerprint) || bare.has(id));
    const { newNames, values } = this.#details.write(lacking as DetailedCertificate[], forms);
    for (const fingerprint of fresh) {
      const id = ids.get(fingerprint)!;
      this.#rows.add(id, fingerprint, gained.get(id) ?? 0, ...values.get(id) ?? NO_DETAILS);
      gained.delete(id);
    }
    this.#rows.finish();
    for (const id of bare) this.#setDetails.run(...values.get(id)!, id);
    this.#addresses.add(gained);
    all.sort((a, b) => a.id - b.id);
    for (const { id, isSeen, next } of all) {
      if (isSeen) this.#runRows.add(id, run);
      for (const { fingerprint } of next) this.#chainRows.add(id, ids.get(fingerprint)!);
    }
    this.#runRows.finish();
    this.#chainRows.finish();
    return newNames;
  }

  /** Those of which the graph has no details. */
  #bareOf(certificates: readonly { id: number }[]): Set<number> {
    const ids = JSON.stringify(certificates.map(({ id }) => id));
    return new Set(this.#findBare.all(ids).map(({ id }) => Number(id)));
  }
}
