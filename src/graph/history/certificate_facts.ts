import type { DatabaseSync } from "node:sqlite";
import { hexadecimal } from "../../text/mod.ts";
import { Kept } from "./kept.ts";

/** What history compares of a certificate. Null where nothing readable is known. */
export interface CertificateFacts {
  /** SHA-256, lower-case hexadecimal. */
  readonly fingerprint: string;
  readonly issuer: string | null;
  /** The organization of the issuer's name, as it is spelt. */
  readonly issuerOrganization: string | null;
  /** SHA-256 of the keys that stand behind the issuer's name, as far as they are known. Looked up when asked for. */
  readonly issuerKeys: readonly string[];
  readonly selfSigned: boolean | null;
  /** Seconds since 1970. */
  readonly notBefore: number | null;
  readonly notAfter: number | null;
  /** SHA-256 of the public key. */
  readonly keyFingerprint: string | null;
  readonly keyAlgorithm: string | null;
}

const CERTIFICATE = `
  SELECT certificate.fingerprint, distinguished_name.text AS issuer, distinguished_name.organization,
    self_signed, not_before, not_after, public_key.fingerprint AS key, public_key.algorithm
  FROM certificate
  LEFT JOIN distinguished_name ON distinguished_name.id = certificate.issuer
  LEFT JOIN public_key ON public_key.id = certificate.public_key
  WHERE certificate.id = ?`;

const ISSUER_KEYS = `
  SELECT DISTINCT public_key.fingerprint FROM issued_by JOIN public_key ON public_key.id = issued_by.public_key
  WHERE issued_by.certificate = ?`;

/** Certificates that are kept: those of one domain and its neighbours. */
const KEPT = 4096;

/** Looks certificates up by their key in the store. */
export function certificateReader(database: DatabaseSync): (id: number) => CertificateFacts {
  const certificate = database.prepare(CERTIFICATE);
  const issuerKeys = database.prepare(ISSUER_KEYS);
  const keysOf = (id: number) =>
    issuerKeys.all(id).map(({ fingerprint }) => hexadecimal(fingerprint as Uint8Array));
  const kept = new Kept<number, CertificateFacts>(KEPT);
  return (id) =>
    kept.get(id, () => factsOf(certificate.get(id) as unknown as CertificateRow, () => keysOf(id)));
}

interface CertificateRow {
  readonly fingerprint: Uint8Array;
  readonly issuer: string | null;
  readonly organization: string | null;
  readonly self_signed: number | null;
  readonly not_before: number | null;
  readonly not_after: number | null;
  readonly key: Uint8Array | null;
  readonly algorithm: string | null;
}

function factsOf(row: CertificateRow, issuerKeys: () => readonly string[]): CertificateFacts {
  return {
    fingerprint: hexadecimal(row.fingerprint),
    issuer: row.issuer,
    issuerOrganization: row.organization,
    get issuerKeys() {
      return issuerKeys();
    },
    selfSigned: row.self_signed === null ? null : row.self_signed === 1,
    notBefore: row.not_before,
    notAfter: row.not_after,
    keyFingerprint: row.key === null ? null : hexadecimal(row.key),
    keyAlgorithm: row.algorithm,
  };
}
