import type { DatabaseSync } from "node:sqlite";
import { hexadecimal } from "../../text/mod.ts";
import { type RowStream, streamRows } from "../store/stream_rows.ts";
import type { OrderedRun } from "./run_order.ts";

/** What became of something from one run to another. */
export type Difference = "appeared" | "vanished" | "changed";

/** A port of an address, asked for a server name, showed other certificates than in the other run. */
export interface EndpointDifference {
  readonly type: "endpoint";
  readonly difference: Difference;
  readonly address: string;
  readonly port: number;
  /** Null where it was asked for none. */
  readonly server_name: string | null;
  /** SHA-256 of what it showed, in lower-case hexadecimal: mostly one. Empty in a run in which it was not seen. */
  readonly from: readonly string[];
  readonly to: readonly string[];
}

/** A certificate was seen, in any place of a chain, in one of the runs only. */
export interface CertificateDifference {
  readonly type: "certificate";
  readonly difference: Exclude<Difference, "changed">;
  /** SHA-256, lower-case hexadecimal. */
  readonly fingerprint: string;
  /** Null where the certificate itself was not seen. */
  readonly subject: string | null;
}

const ENDPOINTS = `
  SELECT serves.ip, serves.port, serves.server_name, serves.run = ? AS is_to, certificate.fingerprint
  FROM serves JOIN certificate ON certificate.id = serves.certificate
  WHERE serves.run IN (?, ?)
  ORDER BY serves.ip, serves.port, serves.server_name, certificate.fingerprint`;

/** Endpoints that two runs saw differently, by address. Memory is bounded by what one endpoint showed. */
export function* endpointDifferences(
  database: DatabaseSync,
  from: OrderedRun,
  to: OrderedRun,
): Generator<EndpointDifference> {
  const address = database.prepare("SELECT address FROM ip WHERE id = ?");
  const serverName = database.prepare("SELECT name FROM server_name WHERE id = ?");
  for (const endpoint of endpoints(streamRows(database, ENDPOINTS, [to.id, from.id, to.id]).rows)) {
    const difference = differenceOf(endpoint.from, endpoint.to);
    if (difference === undefined) continue;
    yield {
      type: "endpoint",
      difference,
      address: String(address.get(endpoint.ip)?.address),
      port: endpoint.port,
      server_name: serverName.get(endpoint.serverName)?.name as string | undefined ?? null,
      from: endpoint.from,
      to: endpoint.to,
    };
  }
}

interface Endpoint {
  readonly ip: number;
  readonly port: number;
  readonly serverName: number;
  readonly from: string[];
  readonly to: string[];
}

function* endpoints(rows: RowStream["rows"]): Generator<Endpoint> {
  let endpoint: Endpoint | undefined;
  for (const row of rows) {
    const [ip, port, serverName, isTo, fingerprint] = row as EndpointRow;
    if (endpoint?.ip !== ip || endpoint.port !== port || endpoint.serverName !== serverName) {
      if (endpoint !== undefined) yield endpoint;
      endpoint = { ip, port, serverName, from: [], to: [] };
    }
    (isTo === 1 ? endpoint.to : endpoint.from).push(hexadecimal(fingerprint));
  }
  if (endpoint !== undefined) yield endpoint;
}

type EndpointRow = readonly [
  ip: number,
  port: number,
  serverName: number,
  isTo: number,
  fingerprint: Uint8Array,
];

function differenceOf(from: readonly string[], to: readonly string[]): Difference | undefined {
  if (from.length === 0) return "appeared";
  if (to.length === 0) return "vanished";
  return from.join() === to.join() ? undefined : "changed";
}

const CERTIFICATES = `
  SELECT certificate.fingerprint, certificate.subject, seen.is_to
  FROM (
    SELECT certificate, max(run = ?) AS is_to FROM certificate_in_run
    WHERE run IN (?, ?) GROUP BY certificate HAVING count(*) = 1
  ) AS seen
  JOIN certificate ON certificate.id = seen.certificate
  ORDER BY certificate.fingerprint`;

type CertificateRow = readonly [fingerprint: Uint8Array, subject: string | null, isTo: number];

/** Certificates that only one of two runs saw, by fingerprint. */
export function* certificateDifferences(
  database: DatabaseSync,
  from: OrderedRun,
  to: OrderedRun,
): Generator<CertificateDifference> {
  for (const row of streamRows(database, CERTIFICATES, [to.id, from.id, to.id]).rows) {
    const [fingerprint, subject, isTo] = row as CertificateRow;
    yield {
      type: "certificate",
      difference: isTo === 1 ? "appeared" : "vanished",
      fingerprint: hexadecimal(fingerprint),
      subject,
    };
  }
}
