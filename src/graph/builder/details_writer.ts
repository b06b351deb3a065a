import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { OrganizationForm } from "./batch.ts";
import type { CertificateDetails, PublicKeyDetails } from "./certificate_details.ts";
import { Counter } from "./counter.ts";
import { KeyTable } from "./key_table.ts";
import { RowWriter } from "./row_writer.ts";

/** Columns of a certificate that come from its details, each with how its value is given. */
export const DETAIL_COLUMNS: readonly (readonly [name: string, value: string])[] = [
  ["serial_number", "?"],
  ["subject", "?"],
  ["issuer", "?"],
  ["organization", "?"],
  ["public_key", "?"],
  ["not_before", "?"],
  ["not_after", "?"],
  ["self_signed", "?"],
  ["authority", "?"],
  ["subject_key_identifier", "unhex(?)"],
  ["authority_key_identifier", "unhex(?)"],
  ["signature_algorithm", "?"],
  ["validation_level", "?"],
];

/** A certificate whose details the graph lacks. */
export interface DetailedCertificate {
  readonly id: number;
  readonly details: CertificateDetails;
}

/** How many nodes of each type came with certificates. */
export interface NewNames {
  readonly publicKeys: number;
  readonly domains: number;
  readonly organizations: number;
}

/** Writes what certificates name: keys, issuers, organizations, domains. */
export class DetailsWriter {
  readonly #issuers: KeyTable;
  readonly #issuerRows: RowWriter;
  readonly #organizations: KeyTable;
  readonly #organizationRows: RowWriter;
  readonly #formRows: RowWriter;
  readonly #keys: KeyTable;
  readonly #keyRows: RowWriter;
  readonly #keyCounter: Counter;
  readonly #domains: KeyTable;
  readonly #domainRows: RowWriter;
  readonly #domainOfRows: RowWriter;

  constructor(database: DatabaseSync) {
    this.#issuers = new KeyTable(database, { table: "distinguished_name", column: "text" });
    this.#issuerRows = new RowWriter(
      database,
      "INSERT INTO distinguished_name (id, text, organization)",
      "(?, ?, ?)",
    );
    this.#organizations = new KeyTable(database, { table: "organization", column: "name" });
    this.#organizationRows = new RowWriter(database, "INSERT INTO organization (id, name)", "(?, ?)");
    this.#formRows = new RowWriter(
      database,
      "INSERT OR IGNORE INTO organization_form (organization, form)",
      "(?, ?)",
    );
    this.#keys = new KeyTable(database, { table: "public_key", column: "fingerprint", isBinary: true });
    this.#keyRows = new RowWriter(
      database,
      "INSERT INTO public_key (id, fingerprint, certificates, algorithm, bits, curve)",
      "(?, unhex(?), ?, ?, ?, ?)",
    );
    this.#keyCounter = new Counter(database, "public_key", "certificates");
    this.#domains = new KeyTable(database, { table: "domain", column: "name" });
    this.#domainRows = new RowWriter(
      database,
      "INSERT INTO domain (id, name, registrable_length)",
      "(?, ?, ?)",
    );
    this.#domainOfRows = new RowWriter(
      database,
      "INSERT OR IGNORE INTO belongs_to (certificate, domain)",
      "(?, ?)",
    );
  }

  /** Returns the values of {@linkcode DETAIL_COLUMNS} for each certificate. */
  write(
    certificates: readonly DetailedCertificate[],
    forms: readonly OrganizationForm[],
  ): { newNames: NewNames; values: ReadonlyMap<number, readonly SQLInputValue[]> } {
    const all = certificates.map(({ details }) => details);
    const issuers = this.#writeIssuers(all);
    const organizations = this.#writeOrganizations(all, forms);
    const keys = this.#writeKeys(all);
    const domainCount = this.#writeDomains(certificates);
    const values = certificates.map(({ id, details }) =>
      [id, [
        details.serialNumber,
        details.subject,
        details.issuer && issuers.get(details.issuer.text)!,
        details.organization && organizations.ids.get(details.organization)!,
        details.publicKey && keys.ids.get(details.publicKey.fingerprint)!,
        details.notBefore,
        details.notAfter,
        Number(details.selfSigned),
        details.authority === null ? null : Number(details.authority),
        details.subjectKeyIdentifier,
        details.authorityKeyIdentifier,
        details.signatureAlgorithm,
        details.validationLevel,
      ]] as const
    );
    return {
      newNames: {
        publicKeys: keys.newCount,
        domains: domainCount,
        organizations: organizations.newCount,
      },
      values: new Map(values),
    };
  }

  #writeIssuers(all: readonly CertificateDetails[]): ReadonlyMap<string, number> {
    const organizations = new Map<string, string | null>();
    for (const { issuer } of all) if (issuer) organizations.set(issuer.text, issuer.organization);
    const { ids, fresh } = this.#issuers.resolve(organizations.keys());
    for (const text of fresh) this.#issuerRows.add(ids.get(text)!, text, organizations.get(text)!);
    this.#issuerRows.finish();
    return ids;
  }

  #writeOrganizations(all: readonly CertificateDetails[], forms: readonly OrganizationForm[]): Written {
    const names = new Set(forms.map(({ name }) => name));
    for (const { organization } of all) if (organization !== null) names.add(organization);
    const { ids, fresh } = this.#organizations.resolve(names);
    for (const name of fresh) this.#organizationRows.add(ids.get(name)!, name);
    this.#organizationRows.finish();
    for (const { name, form } of forms) this.#formRows.add(ids.get(name)!, form);
    this.#formRows.finish();
    return { ids, newCount: fresh.length };
  }

  #writeKeys(all: readonly CertificateDetails[]): Written {
    const keys = new Map<string, PublicKeyDetails & { certificates: number }>();
    for (const { publicKey } of all) {
      if (publicKey === null) continue;
      const key = keys.get(publicKey.fingerprint);
      if (key === undefined) keys.set(publicKey.fingerprint, { ...publicKey, certificates: 1 });
      else key.certificates += 1;
    }
    const { ids, fresh } = this.#keys.resolve(keys.keys());
    const added = new Set(fresh);
    for (const fingerprint of fresh) {
      const { certificates, algorithm, bits, curve } = keys.get(fingerprint)!;
      this.#keyRows.add(ids.get(fingerprint)!, fingerprint, certificates, algorithm, bits, curve);
    }
    this.#keyRows.finish();
    const known = [...keys.values()].filter(({ fingerprint }) => !added.has(fingerprint));
    this.#keyCounter.add(known.map(({ fingerprint, certificates }) => [ids.get(fingerprint)!, certificates]));
    return { ids, newCount: fresh.length };
  }

  #writeDomains(certificates: readonly DetailedCertificate[]): number {
    const registrable = new Map<string, number | null>();
    for (const { details } of certificates) {
      for (const [name, length] of details.domains) registrable.set(name, length);
    }
    const { ids, fresh } = this.#domains.resolve(registrable.keys());
    for (const name of fresh) this.#domainRows.add(ids.get(name)!, name, registrable.get(name)!);
    this.#domainRows.finish();
    for (const { id, details } of certificates) {
      for (const name of details.domains.keys()) this.#domainOfRows.add(id, ids.get(name)!);
    }
    this.#domainOfRows.finish();
    return fresh.length;
  }
}

interface Written {
  readonly ids: ReadonlyMap<string, number>;
  readonly newCount: number;
}
