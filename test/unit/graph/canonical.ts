import assert from "node:assert/strict";
import type { DatabaseSync } from "node:sqlite";
import { openForReading } from "../../../src/graph/store/open_for_reading.ts";

/** Every fact of a graph by natural keys: what two graphs of the same facts have in common, whatever their numbers. */
const FACTS: Readonly<Record<string, string>> = {
  run:
    "SELECT name, hex(digest) AS digest, started, ended, outcome, margay_version, targets, config FROM run",
  address: "SELECT address FROM ip",
  certificate: `SELECT hex(certificate.fingerprint) AS fingerprint, addresses, serial_number, subject,
      issuer.text AS issuer, issuer.organization AS issuer_organization, organization.name AS organization,
      hex(public_key.fingerprint) AS public_key, not_before, not_after, self_signed, authority,
      hex(subject_key_identifier) AS subject_key_identifier,
      hex(authority_key_identifier) AS authority_key_identifier, signature_algorithm, validation_level
    FROM certificate
    LEFT JOIN distinguished_name AS issuer ON issuer.id = certificate.issuer
    LEFT JOIN organization ON organization.id = certificate.organization
    LEFT JOIN public_key ON public_key.id = certificate.public_key`,
  public_key: "SELECT hex(fingerprint) AS fingerprint, certificates, algorithm, bits, curve FROM public_key",
  domain: "SELECT name, registrable, wildcard FROM domain",
  organization: "SELECT name FROM organization",
  organization_form: `SELECT name, form FROM organization_form JOIN organization
    ON organization.id = organization_form.organization`,
  autonomous_system: "SELECT number, name FROM autonomous_system",
  issuer: "SELECT text, organization FROM distinguished_name",
  server_name: "SELECT name FROM server_name",
  serves:
    `SELECT address, hex(fingerprint) AS certificate, port, server_name.name AS server_name, run.name AS run
    FROM serves
    JOIN ip ON ip.id = serves.ip
    JOIN certificate ON certificate.id = serves.certificate
    JOIN run ON run.id = serves.run
    LEFT JOIN server_name ON server_name.id = serves.server_name`,
  belongs_to: `SELECT hex(fingerprint) AS certificate, name FROM belongs_to
    JOIN certificate ON certificate.id = belongs_to.certificate
    JOIN domain ON domain.id = belongs_to.domain`,
  in_asn: "SELECT address, number FROM in_asn JOIN ip ON ip.id = in_asn.ip",
  ip_in_run: `SELECT address, name AS run, port FROM ip_in_run
    JOIN ip ON ip.id = ip_in_run.ip
    JOIN run ON run.id = ip_in_run.run`,
  certificate_in_run: `SELECT hex(fingerprint) AS certificate, name AS run FROM certificate_in_run
    JOIN certificate ON certificate.id = certificate_in_run.certificate
    JOIN run ON run.id = certificate_in_run.run`,
  chained: `SELECT hex(certificate.fingerprint) AS certificate, hex(next.fingerprint) AS next FROM chained
    JOIN certificate ON certificate.id = chained.certificate
    JOIN certificate AS next ON next.id = chained.next`,
};

/** What two counters would be, were they counted now. */
const COUNTS: Readonly<Record<string, string>> = {
  "certificate.addresses": `SELECT hex(fingerprint) AS fingerprint, addresses,
      (SELECT count(DISTINCT ip) FROM serves WHERE serves.certificate = certificate.id) AS counted
    FROM certificate WHERE addresses != counted`,
  "public_key.certificates": `SELECT hex(fingerprint) AS fingerprint, certificates,
      (SELECT count(*) FROM certificate WHERE certificate.public_key = public_key.id) AS counted
    FROM public_key WHERE certificates != counted`,
};

/** All that a graph says, as sorted lines: the same for every graph of the same facts, and only for those. */
export function canonicalDump(database: DatabaseSync): string[] {
  return Object.entries(FACTS).flatMap(([name, query]) => lines(database, name, query).sort());
}

/** Counters that are wrong, and rows that point to nothing: there is to be none. */
export function inconsistencies(database: DatabaseSync): string[] {
  const counts = Object.entries(COUNTS).flatMap(([name, query]) => lines(database, name, query));
  const dangling = lines(database, "dangling", "PRAGMA foreign_key_check");
  return [...counts, ...dangling, ...lines(database, "integrity", "PRAGMA integrity_check").filter(isFault)];
}

function lines(database: DatabaseSync, name: string, query: string): string[] {
  return database.prepare(query).all().map((row) => `${name} ${JSON.stringify(row)}`);
}

function isFault(line: string): boolean {
  return !line.endsWith('{"integrity_check":"ok"}');
}

/** The dump of a graph's file, which contradicts itself nowhere. */
export function dumpOfFile(path: string): string[] {
  const database = openForReading(path);
  try {
    assert.deepEqual(inconsistencies(database), []);
    return canonicalDump(database);
  } finally {
    database.close();
  }
}
