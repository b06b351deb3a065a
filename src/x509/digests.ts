import { createHash } from "node:crypto";
import type { ParsedCertificate } from "./certificate.ts";
import { fingerprint } from "./fingerprint.ts";
import { tbsWithoutTransparency } from "./tbs_without_transparency.ts";

/** Digests of a certificate and its parts, lower-case hexadecimal; `null` where the part is not there whole. */
export interface CertificateDigests {
  readonly md5: string;
  readonly sha1: string;
  readonly sha256: string;
  /** SHA-256 of the TBSCertificate. */
  readonly tbs: string | null;
  /**
   * SHA-256 of the TBSCertificate without poison and timestamps of certificate transparency: the same for a
   * precertificate and the certificate that became of it, where one authority signs both (RFC 6962 3.1).
   */
  readonly tbsWithoutTransparency: string | null;
  /** SHA-256 of the SubjectPublicKeyInfo. */
  readonly publicKey: string | null;
  /**
   * SHA-256 of SubjectPublicKeyInfo and subject, one behind the other: the same for all certificates of an
   * authority.
   */
  readonly publicKeyAndSubject: string | null;
}

/**
 * Digests of a certificate; each costs a pass over the octets, so they are made when somebody wants them. `sha256` is
 * for those who have the certificate's fingerprint already.
 */
export function digestCertificate(
  certificate: ParsedCertificate,
  sha256: string = fingerprint(certificate.der),
): CertificateDigests {
  const { der, tbs, publicKey, subject } = certificate;
  const bare = tbs && tbsWithoutTransparency(tbs);
  const tbsDigest = tbs && fingerprint(tbs);
  return {
    md5: digest("md5", der),
    sha1: digest("sha1", der),
    sha256,
    tbs: tbsDigest,
    tbsWithoutTransparency: bare === tbs ? tbsDigest : bare && fingerprint(bare),
    publicKey: publicKey && publicKey.fingerprint,
    publicKeyAndSubject: publicKey && subject && subject.der.length > 0
      ? createHash("sha256").update(publicKey.der).update(subject.der).digest("hex")
      : null,
  };
}

function digest(algorithm: string, octets: Uint8Array): string {
  return createHash(algorithm).update(octets).digest("hex");
}
