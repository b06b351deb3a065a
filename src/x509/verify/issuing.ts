import type { Link } from "./link.ts";
import { checkNameConstraints } from "./name_constraints.ts";
import { type Finding, violated } from "./verification.ts";

/** What every verifier must understand (RFC 5280 4.2), and what has no say here: policies are not asked for. */
const UNDERSTOOD: ReadonlySet<string> = new Set([
  "2.5.29.14", // subjectKeyIdentifier
  "2.5.29.15", // keyUsage
  "2.5.29.17", // subjectAltName
  "2.5.29.18", // issuerAltName
  "2.5.29.19", // basicConstraints
  "2.5.29.30", // nameConstraints
  "2.5.29.31", // cRLDistributionPoints
  "2.5.29.32", // certificatePolicies
  "2.5.29.33", // policyMappings
  "2.5.29.35", // authorityKeyIdentifier
  "2.5.29.36", // policyConstraints
  "2.5.29.37", // extKeyUsage
  "2.5.29.54", // inhibitAnyPolicy
  "1.3.6.1.5.5.7.1.1", // authorityInfoAccess
  "1.3.6.1.5.5.7.1.3", // qcStatements
  "1.3.6.1.5.5.7.1.24", // tlsFeature
  "2.16.840.1.113730.1.1", // Netscape certificate type
]);

/** Uses of a key that TLS's key exchanges need one of (RFC 5280 4.2.1.12). */
const SERVER_USAGES: readonly string[] = ["digitalSignature", "keyEncipherment", "keyAgreement"];
const SERVER_PURPOSES: readonly string[] = ["serverAuth", "anyExtendedKeyUsage"];

/**
 * What is wrong with who issued what for which purpose along a path, from the server's certificate to the last link
 * (RFC 5280 6.1.3 to 6.1.5, without policies). What a root says of itself counts as what any authority says.
 */
export function checkIssuing(links: readonly Link[]): Finding[] {
  return [
    ...links.flatMap(unknownCriticalExtensions),
    ...links.flatMap(wrongPurpose),
    ...links.slice(1).flatMap((link, index) => missingAuthority(link, index + 2 === links.length)),
    ...links.flatMap((_, index) => brokenPathLength(links, index)),
    ...checkNameConstraints(links),
  ];
}

function unknownCriticalExtensions({ label, certificate }: Link): Finding[] {
  if (certificate.isPrecertificate) {
    return [violated(`${label} is a precertificate: it was made for logs only`)];
  }
  return certificate.extensions
    .filter(({ isCritical, identifier }) => isCritical && !UNDERSTOOD.has(identifier))
    .slice(0, 1)
    .map(({ identifier }) => violated(`${label} has a critical extension that is not known, ${identifier}`));
}

function wrongPurpose(
  { label, certificate: { extendedKeyUsage, keyUsage } }: Link,
  index: number,
): Finding[] {
  if (extendedKeyUsage !== null && !extendedKeyUsage.some((purpose) => SERVER_PURPOSES.includes(purpose))) {
    return [{
      problem: "not_a_server",
      text: `${label} is not for servers, but for ${list(extendedKeyUsage)}`,
    }];
  }
  if (index > 0 || keyUsage === null || keyUsage.some((usage) => SERVER_USAGES.includes(usage))) return [];
  return [{
    problem: "not_a_server",
    text: `the key of ${label} is not for servers, but for ${list(keyUsage)}`,
  }];
}

function missingAuthority({ label, certificate }: Link, isLast: boolean): Finding[] {
  const { basicConstraints, keyUsage, version, isSelfIssued } = certificate;
  // Before version 3 there was no way to say it; such roots were trusted by hand.
  const isOldRoot = isLast && version !== 3 && isSelfIssued;
  if (!isOldRoot && basicConstraints?.isAuthority !== true) {
    return [violated(`${label} issued a certificate, but is no authority`)];
  }
  if (keyUsage !== null && !keyUsage.includes("keyCertSign")) {
    return [violated(`the key of ${label} may not sign certificates`)];
  }
  return [];
}

/** RFC 5280 4.2.1.9: self-issued intermediates and the last certificate do not count. */
function brokenPathLength(links: readonly Link[], index: number): Finding[] {
  const { label, certificate } = links[index]!;
  const limit = certificate.basicConstraints?.pathLength ?? null;
  if (index === 0 || limit === null) return [];
  const count = links.slice(1, index).filter((link) => !link.certificate.isSelfIssued).length;
  if (count <= limit) return [];
  return [violated(`${label} allows ${limit} authorities below it, and there are ${count}`)];
}

/** The list comes from the certificate and may be long. */
function list(words: readonly string[]): string {
  if (words.length === 0) return "nothing";
  return words.length > 4 ? `${words.slice(0, 4).join(", ")}, ...` : words.join(", ");
}
