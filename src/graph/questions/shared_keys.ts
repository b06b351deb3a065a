import type { DatabaseSync } from "node:sqlite";
import { hexadecimal } from "../../text/mod.ts";
import type { KeyFacts } from "../key_name.ts";
import { nodeId } from "../model.ts";
import { addressesIn, type SomeAddresses } from "./some_addresses.ts";

/** A key that several certificates use, with some of them. */
export interface SharedKey extends KeyFacts {
  readonly id: string;
  readonly fingerprint: string;
  /** How many there are: certificates, and among them different subjects and organizations. */
  readonly certificates: number;
  readonly subjects: number;
  readonly organizations: number;
  /** Those on most addresses. */
  readonly used_by: readonly KeyUse[];
}

/** A certificate that uses a shared key. */
export interface KeyUse extends SomeAddresses {
  readonly id: string;
  readonly fingerprint: string;
  readonly subject: string | null;
  readonly organization: string | null;
}

/** Certificates that are named for each key. */
const CERTIFICATES_NAMED = 5;

const SHARED_KEYS = `
  SELECT public_key.id, public_key.fingerprint, algorithm, bits, curve, certificates,
    count(DISTINCT certificate.subject) AS subjects, count(DISTINCT certificate.organization) AS organizations
  FROM public_key CROSS JOIN certificate ON certificate.public_key = public_key.id
  WHERE public_key.certificates > 1
  GROUP BY public_key.id
  ORDER BY organizations DESC, subjects DESC, certificates DESC, public_key.fingerprint
  LIMIT ?`;

const USES = `
  SELECT certificate.id, fingerprint, subject, organization.name AS organization
  FROM certificate LEFT JOIN organization ON organization.id = certificate.organization
  WHERE public_key = ? ORDER BY addresses DESC, fingerprint LIMIT ${CERTIFICATES_NAMED}`;

/**
 * Keys of more than one certificate. First those that different organizations share, then different subjects, then
 * renewals with the same key.
 */
export function* sharedKeys(database: DatabaseSync, limit: number): Iterable<SharedKey> {
  const uses = database.prepare(USES);
  const addressesOf = addressesIn(database);
  const keys = database.prepare(SHARED_KEYS).all(limit) as unknown as (
    & { readonly id: number; readonly fingerprint: Uint8Array }
    & Omit<SharedKey, "id" | "fingerprint" | "used_by">
  )[];
  for (const { id, fingerprint: octets, ...key } of keys) {
    const rows = uses.all(id) as unknown as {
      readonly id: number;
      readonly fingerprint: Uint8Array;
      readonly subject: string | null;
      readonly organization: string | null;
    }[];
    const fingerprint = hexadecimal(octets);
    yield {
      id: nodeId("PublicKey", fingerprint),
      fingerprint,
      ...key,
      used_by: rows.map(({ id, fingerprint: octets, ...use }) => {
        const fingerprint = hexadecimal(octets);
        return { id: nodeId("Certificate", fingerprint), fingerprint, ...use, ...addressesOf(id) };
      }),
    };
  }
}
