import type { ParsedCertificate } from "./certificate.ts";

/**
 * Whether a certificate says of itself that its own key signed it: issuer and subject are the same, and so are the
 * key identifiers where it has both. Only the signature, which is not looked at, could prove it.
 */
export function claimsSelfSigned(certificate: ParsedCertificate): boolean {
  if (!certificate.isSelfIssued) return false;
  const authority = certificate.authorityKeyIdentifier?.keyIdentifier ?? null;
  const subject = certificate.subjectKeyIdentifier;
  return authority === null || subject === null || authority === subject;
}
