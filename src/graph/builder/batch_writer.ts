import type { DatabaseSync, StatementSync } from "node:sqlite";
import { AddressWriter, type FindSystems } from "./address_writer.ts";
import type { Batch } from "./batch.ts";
import { CertificateWriter } from "./certificate_writer.ts";
import type { NewNames } from "./details_writer.ts";
import { ServiceWriter } from "./service_writer.ts";

/** How many nodes of each type a graph has gained. */
export interface NewNodes extends NewNames {
  readonly addresses: number;
  readonly certificates: number;
  readonly systems: number;
}

/** None. */
export const NO_NODES: NewNodes = {
  addresses: 0,
  certificates: 0,
  publicKeys: 0,
  domains: 0,
  organizations: 0,
  systems: 0,
};

/** All of both. */
export function sumOf(left: NewNodes, right: NewNodes): NewNodes {
  return {
    addresses: left.addresses + right.addresses,
    certificates: left.certificates + right.certificates,
    publicKeys: left.publicKeys + right.publicKeys,
    domains: left.domains + right.domains,
    organizations: left.organizations + right.organizations,
    systems: left.systems + right.systems,
  };
}

/**
 * Writes what a batch has collected, everything of a kind at once and in the order of its key: then each page of the
 * database is visited once for a batch, however large the graph has become and however random the order in which a run
 * meets addresses, fingerprints and names.
 */
export class BatchWriter {
  readonly #addresses: AddressWriter;
  readonly #certificates: CertificateWriter;
  readonly #services: ServiceWriter;
  readonly #setEnd: StatementSync;

  constructor(database: DatabaseSync, findSystems: FindSystems | undefined) {
    this.#addresses = new AddressWriter(database, findSystems);
    this.#certificates = new CertificateWriter(database);
    this.#services = new ServiceWriter(database);
    this.#setEnd = database.prepare(
      "UPDATE run SET ended = ?, outcome = ? WHERE id = ? AND (ended IS NULL OR (ended, outcome) < (?, ?))",
    );
  }

  /** To be called in a transaction. */
  write(batch: Batch, run: number): NewNodes {
    const addresses = this.#addresses.write(batch, run);
    const resolved = this.#certificates.resolve(batch);
    const gained = this.#services.write(batch.services, run, addresses.ids, resolved.ids);
    const names = this.#certificates.write(batch, resolved, gained, run);
    const { end } = batch;
    if (end) this.#setEnd.run(end.time, end.outcome, run, end.time, end.outcome);
    return {
      addresses: addresses.newCount,
      certificates: resolved.fresh.length,
      systems: addresses.newSystemCount,
      ...names,
    };
  }
}
