import type { DatabaseSync } from "node:sqlite";
import type { Row } from "../store/node_queries.ts";
import { rowsOf } from "../store/rows.ts";
import type { Batch } from "./batch.ts";
import type { AddressValue } from "./record_values.ts";
import type { RunRow } from "./run_table.ts";

/** A query for facts, and how a row of them is added. Where a fact belongs to a run, `run` is its name. */
export interface FactQuery {
  readonly sql: string;
  readonly add: (batch: Batch, row: Row) => void;
}

/** Everything that a graph holds beside {@linkcode runsOf}; nodes come before what is said of them. */
export const FACT_QUERIES: readonly FactQuery[] = [
  {
    sql: "SELECT name AS run, ended, outcome FROM run WHERE ended IS NOT NULL",
    add: (batch, row) => batch.addEnd({ time: text(row, "ended"), outcome: text(row, "outcome") }),
  },
  {
    sql: `SELECT name AS run, ip, ipv6, port FROM ip_in_run
      JOIN ip ON ip.id = ip_in_run.ip
      JOIN run ON run.id = ip_in_run.run`,
    add: (batch, row) => batch.openPorts.push({ address: address(row), port: number(row, "port") }),
  },
  {
    sql: `SELECT run.name AS run, ip, ipv6, port, ${
      hex("fingerprint")
    }, server_name.name AS server_name FROM serves
      JOIN run ON run.id = serves.run
      JOIN ip ON ip.id = serves.ip
      JOIN certificate ON certificate.id = serves.certificate
      LEFT JOIN server_name ON server_name.id = serves.server_name`,
    add: (batch, row) =>
      batch.services.push({
        address: address(row),
        port: number(row, "port"),
        serverName: textOrNull(row, "server_name"),
        certificate: batch.seenCertificate(text(row, "fingerprint")),
      }),
  },
  {
    sql: `SELECT name AS run, ${hex("fingerprint")} FROM certificate_in_run
      JOIN certificate ON certificate.id = certificate_in_run.certificate
      JOIN run ON run.id = certificate_in_run.run`,
    add: (batch, row) => batch.seenCertificate(text(row, "fingerprint")),
  },
  {
    sql: `SELECT ${
      hex("certificate.fingerprint", "fingerprint")
    }, serial_number, subject, issuer.text AS issuer,
        issuer.organization AS issuer_organization, organization.name AS organization,
        ${
      hex("public_key.fingerprint", "key")
    }, algorithm, bits, curve, not_before, not_after, self_signed, authority,
        ${hex("subject_key_identifier")}, ${
      hex("authority_key_identifier")
    }, signature_algorithm, validation_level,
        (SELECT json_group_object(name, registrable_length) FROM belongs_to JOIN domain ON domain.id = domain
          WHERE belongs_to.certificate = certificate.id) AS domains
      FROM certificate
      LEFT JOIN distinguished_name AS issuer ON issuer.id = certificate.issuer
      LEFT JOIN organization ON organization.id = certificate.organization
      LEFT JOIN public_key ON public_key.id = certificate.public_key
      WHERE self_signed IS NOT NULL`,
    add: addDetails,
  },
  {
    sql: `SELECT name, form FROM organization_form
      JOIN organization ON organization.id = organization_form.organization`,
    add: (batch, row) => batch.forms.push({ name: text(row, "name"), form: text(row, "form") }),
  },
  {
    sql: `SELECT ${hex("certificate.fingerprint", "fingerprint")}, ${
      hex("next.fingerprint", "next")
    } FROM chained
      JOIN certificate ON certificate.id = chained.certificate
      JOIN certificate AS next ON next.id = chained.next`,
    add: (batch, row) =>
      batch.chain(batch.certificate(text(row, "fingerprint")), batch.certificate(text(row, "next"))),
  },
  {
    sql: `SELECT in_asn.ip, ipv6, number, name FROM in_asn
      JOIN ip ON ip.id = in_asn.ip
      JOIN autonomous_system USING (number)`,
    add: (batch, row) =>
      batch.origins.push({
        address: address(row),
        system: { number: number(row, "number"), name: textOrNull(row, "name") ?? undefined },
      }),
  },
];

/** The runs of a graph. */
export function runsOf(graph: DatabaseSync): RunRow[] {
  const query = `SELECT name, ${hex("digest")}, started, margay_version, targets, config FROM run`;
  return Array.from(rowsOf(graph, query), (row) => ({
    name: text(row, "name"),
    digest: text(row, "digest"),
    started: text(row, "started"),
    margayVersion: text(row, "margay_version"),
    targets: number(row, "targets"),
    config: text(row, "config"),
  }));
}

function addDetails(batch: Batch, row: Row): void {
  const [issuer, key] = [textOrNull(row, "issuer"), textOrNull(row, "key")];
  const authority = numberOrNull(row, "authority");
  batch.describe(batch.certificate(text(row, "fingerprint")), {
    serialNumber: textOrNull(row, "serial_number"),
    subject: textOrNull(row, "subject"),
    issuer: issuer === null ? null : { text: issuer, organization: textOrNull(row, "issuer_organization") },
    organization: textOrNull(row, "organization"),
    publicKey: key === null ? null : {
      fingerprint: key,
      algorithm: textOrNull(row, "algorithm"),
      bits: numberOrNull(row, "bits"),
      curve: textOrNull(row, "curve"),
    },
    notBefore: numberOrNull(row, "not_before"),
    notAfter: numberOrNull(row, "not_after"),
    selfSigned: number(row, "self_signed") === 1,
    authority: authority === null ? null : authority === 1,
    subjectKeyIdentifier: textOrNull(row, "subject_key_identifier"),
    authorityKeyIdentifier: textOrNull(row, "authority_key_identifier"),
    signatureAlgorithm: textOrNull(row, "signature_algorithm"),
    validationLevel: text(row, "validation_level"),
    domains: new Map(Object.entries(JSON.parse(text(row, "domains")))) as Map<string, number | null>,
  });
}

/** An expression for octets as the builder has them; `hex` alone makes an empty text of NULL. */
function hex(column: string, name = column): string {
  return `lower(iif(${column} IS NULL, NULL, hex(${column}))) AS ${name}`;
}

function address(row: Row): AddressValue {
  return textOrNull(row, "ipv6") ?? number(row, "ip");
}

function text(row: Row, column: string): string {
  return row[column] as string;
}

function textOrNull(row: Row, column: string): string | null {
  return row[column] as string | null;
}

function number(row: Row, column: string): number {
  return row[column] as number;
}

function numberOrNull(row: Row, column: string): number | null {
  return row[column] as number | null;
}
