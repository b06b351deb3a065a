import type { DatabaseSync } from "node:sqlite";
import { hexadecimal } from "../../text/mod.ts";
import { nodeId } from "../model.ts";
import { streamRows } from "../store/stream_rows.ts";
import { timeOf } from "../store/time_of.ts";
import { addressesIn, type SomeAddresses } from "./some_addresses.ts";

/** A certificate that ends, and is still shown. */
export interface ExpiringCertificate extends SomeAddresses {
  readonly id: string;
  readonly fingerprint: string;
  readonly subject: string | null;
  readonly not_after: string;
  /** How many names it is for, and the first of them. */
  readonly domains: number;
  readonly some_domains: readonly string[];
}

/** The span in which a certificate ends, in seconds since 1970. */
export interface ExpirySpan {
  /** Left out: whenever. */
  readonly from?: number;
  readonly to: number;
}

/** Names that are named for each certificate. */
const DOMAINS_NAMED = 3;

const EXPIRING = `
  SELECT id, fingerprint, subject, not_after,
    (SELECT count(*) FROM belongs_to WHERE certificate = certificate.id) AS domains
  FROM certificate
  WHERE not_after >= ? AND not_after <= ?
    AND EXISTS (SELECT 1 FROM serves WHERE serves.certificate = certificate.id AND serves.run = ?)
  ORDER BY not_after, fingerprint`;

const DOMAINS = `
  SELECT domain.name FROM belongs_to JOIN domain ON domain.id = belongs_to.domain
  WHERE belongs_to.certificate = ? ORDER BY domain.name LIMIT ${DOMAINS_NAMED}`;

/** The last run: what is still shown, was shown in it. Undefined where there is none. */
export function lastRun(database: DatabaseSync): { readonly id: number; readonly name: string } | undefined {
  return database.prepare("SELECT id, name FROM run ORDER BY name DESC LIMIT 1").get() as
    | { readonly id: number; readonly name: string }
    | undefined;
}

/** Certificates that end within a span and were shown in a run, those that end first in front. */
export function* expiringCertificates(
  database: DatabaseSync,
  { from = Number.MIN_SAFE_INTEGER, to }: ExpirySpan,
  run: number,
): Iterable<ExpiringCertificate> {
  const names = database.prepare(DOMAINS);
  const addressesOf = addressesIn(database, run);
  const { rows } = streamRows(database, EXPIRING, [from, to, run]);
  for (const row of rows) {
    const [id, octets, subject, notAfter, domains] = row as [
      number,
      Uint8Array,
      string | null,
      number,
      number,
    ];
    const fingerprint = hexadecimal(octets);
    yield {
      id: nodeId("Certificate", fingerprint),
      fingerprint,
      subject,
      not_after: timeOf(notAfter)!,
      domains,
      some_domains: (names.all(id) as { readonly name: string }[]).map(({ name }) => name),
      ...addressesOf(id),
    };
  }
}
