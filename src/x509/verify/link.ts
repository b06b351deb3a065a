import { parseCertificate, type ParsedCertificate } from "../certificate.ts";
import { ERROR_COUNT_MAX } from "../errors.ts";
import { fingerprint } from "../fingerprint.ts";
import { formatName } from "../name.ts";
import type { PublicKey } from "../public_key.ts";
import { nameKey } from "./name_key.ts";

/** A certificate as a part of paths. */
export interface Link {
  /** SHA-256 of the certificate, in hexadecimal. */
  readonly fingerprint: string;
  readonly certificate: ParsedCertificate;
  /** Names made comparable: see {@linkcode nameKey}. */
  readonly subjectKey: string;
  readonly issuerKey: string;
  /** For people, safe on a terminal: the subject, or the fingerprint where there is none. */
  readonly label: string;
  /** What makes the certificate unfit to be judged. */
  readonly fault: string | null;
}

/** A certificate that can be looked for as an issuer. */
export type Authority = Link & { readonly certificate: { readonly publicKey: PublicKey } };

/** Longer labels are cut: a name may be as long as its certificate. */
const LABEL_LENGTH_MAX = 160;

/** Extensions that no verdict depends on, by their names in errors: one that is broken speaks against nothing. */
const UNJUDGED: ReadonlySet<string> = new Set([
  "issuerAlternativeName",
  "cRLDistributionPoints",
  "certificatePolicies",
  "authorityInfoAccess",
  "qcStatements",
  "tlsFeature",
  "signedCertificateTimestamps",
  "torServiceDescriptors",
  "cabfOrganizationIdentifier",
  "netscapeCertificateType",
  "netscapeComment",
]);

/** Reads one certificate; any octets make a link, if only a faulty one. `digest` is their SHA-256, if it is known. */
export function readLink(der: Uint8Array, digest: string = fingerprint(der)): Link {
  const certificate = parseCertificate(der);
  const { subject, issuer } = certificate;
  return {
    fingerprint: digest,
    certificate,
    subjectKey: subject === null ? "" : nameKey(subject),
    issuerKey: issuer === null ? "" : nameKey(issuer),
    label: labelOf(certificate, digest),
    fault: faultOf(certificate),
  };
}

/** Whether the link can be an issuer at all: it has a name and a key. */
export function isAuthority(link: Link): link is Authority {
  return link.subjectKey !== "" && link.certificate.publicKey !== null;
}

function labelOf({ subject }: ParsedCertificate, digest: string): string {
  const text = subject === null ? "" : formatName(subject);
  if (text === "") return digest;
  return text.length > LABEL_LENGTH_MAX ? `${text.slice(0, LABEL_LENGTH_MAX)}...` : text;
}

function faultOf(certificate: ParsedCertificate): string | null {
  const { errors } = certificate;
  // The reader gave up: there may be extensions that it has not seen.
  if (errors.length >= ERROR_COUNT_MAX) return errors[0]!;
  return errors.find((error) => !isHarmless(error, certificate)) ?? null;
}

function isHarmless(error: string, { extensions }: ParsedCertificate): boolean {
  const piece = /^Cannot read ([^:]+):/.exec(error)?.[1] ?? "";
  if (UNJUDGED.has(piece)) return true;
  return extensions.some(({ identifier, name }) => name === null && identifier === piece);
}
