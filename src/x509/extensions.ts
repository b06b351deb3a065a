/**
 * Certificate extensions (RFC 5280 4.2).
 *
 * @module
 */

import { readBoolean } from "./boolean.ts";
import { DerError, type DerReader, Tag } from "./der.ts";
import { collectFlaw, ERROR_COUNT_MAX } from "./errors.ts";
import { type AuthorityInfoAccess, readAuthorityInfoAccess } from "./extension/authority_info_access.ts";
import { type BasicConstraints, readBasicConstraints } from "./extension/basic_constraints.ts";
import { type CertificatePolicy, readCertificatePolicies } from "./extension/certificate_policies.ts";
import { type DistributionPoint, readCrlDistributionPoints } from "./extension/crl_distribution_points.ts";
import { readExtendedKeyUsage } from "./extension/extended_key_usage.ts";
import {
  type AuthorityKeyIdentifier,
  readAuthorityKeyIdentifier,
  readSubjectKeyIdentifier,
} from "./extension/key_identifier.ts";
import { readKeyUsage } from "./extension/key_usage.ts";
import { type NameConstraints, readNameConstraints } from "./extension/name_constraints.ts";
import { readNetscapeCertificateType, readNetscapeComment } from "./extension/netscape.ts";
import {
  type OrganizationIdentifier,
  readOrganizationIdentifier,
} from "./extension/organization_identifier.ts";
import { type QualifiedStatements, readQualifiedStatements } from "./extension/qualified_statements.ts";
import {
  readSignedCertificateTimestamps,
  type SignedCertificateTimestamp,
} from "./extension/signed_certificate_timestamps.ts";
import { readTlsFeatures } from "./extension/tls_features.ts";
import { readTorServiceDescriptors, type TorServiceDescriptor } from "./extension/tor_service_descriptors.ts";
import { emptyGeneralNames, type GeneralNames, readGeneralNames } from "./general_name.ts";
import type { Mutable } from "./mutable.ts";
import { readObjectIdentifier } from "./oid.ts";

/** One extension as it came. */
export interface Extension {
  /** Dotted object identifier. */
  readonly identifier: string;
  /** Its specification's word, if {@linkcode KnownExtensions} has it; `null` for an extension that is not read. */
  readonly name: string | null;
  readonly isCritical: boolean;
  /** What its OCTET STRING holds: a view of the certificate's octets. */
  readonly value: Uint8Array;
}

/** The extensions that are read; `null` if a certificate has none of that type, or none that is readable. */
export interface KnownExtensions {
  readonly subjectAlternativeName: GeneralNames | null;
  readonly issuerAlternativeName: GeneralNames | null;
  readonly basicConstraints: BasicConstraints | null;
  readonly nameConstraints: NameConstraints | null;
  /** RFC 5280's words, in the order of their bits: "digitalSignature", "keyCertSign". */
  readonly keyUsage: readonly string[] | null;
  /** RFC 5280's words ("serverAuth", "anyExtendedKeyUsage"), or dotted object identifiers. */
  readonly extendedKeyUsage: readonly string[] | null;
  /** Hexadecimal. */
  readonly subjectKeyIdentifier: string | null;
  readonly authorityKeyIdentifier: AuthorityKeyIdentifier | null;
  readonly certificatePolicies: readonly CertificatePolicy[] | null;
  readonly authorityInfoAccess: AuthorityInfoAccess | null;
  readonly crlDistributionPoints: readonly DistributionPoint[] | null;
  /** The certificate is poisoned (RFC 6962 3.1): shown to logs before the real one was signed. */
  readonly isPrecertificate: boolean;
  readonly signedCertificateTimestamps: readonly SignedCertificateTimestamp[] | null;
  /**
   * Numbers of the TLS extensions that a server with this certificate supports; 5 is "OCSP must staple" (RFC 7633).
   */
  readonly tlsFeatures: readonly number[] | null;
  readonly qualifiedStatements: QualifiedStatements | null;
  readonly organizationIdentifier: OrganizationIdentifier | null;
  readonly torServiceDescriptors: readonly TorServiceDescriptor[] | null;
  /** Netscape's words, in the order of their bits: "SSLServer". */
  readonly netscapeCertificateType: readonly string[] | null;
  readonly netscapeComment: string | null;
}

type Draft = Mutable<KnownExtensions>;

interface ExtensionType {
  readonly name: string;
  /** Reads the value, which ends at `limit`. Throws {@linkcode DerError}. */
  readonly read: (reader: DerReader, limit: number, extensions: Draft) => void;
}

const EXTENSION_TYPES: ReadonlyMap<string, ExtensionType> = new Map<string, ExtensionType>([
  ["2.5.29.14", { name: "subjectKeyIdentifier", read: readSubjectKeyIdentifier }],
  ["2.5.29.15", { name: "keyUsage", read: readKeyUsage }],
  ["2.5.29.17", { name: "subjectAlternativeName", read: readSubjectAlternativeName }],
  ["2.5.29.18", { name: "issuerAlternativeName", read: readIssuerAlternativeName }],
  ["2.5.29.19", { name: "basicConstraints", read: readBasicConstraints }],
  ["2.5.29.30", { name: "nameConstraints", read: readNameConstraints }],
  ["2.5.29.31", { name: "cRLDistributionPoints", read: readCrlDistributionPoints }],
  ["2.5.29.32", { name: "certificatePolicies", read: readCertificatePolicies }],
  ["2.5.29.35", { name: "authorityKeyIdentifier", read: readAuthorityKeyIdentifier }],
  ["2.5.29.37", { name: "extendedKeyUsage", read: readExtendedKeyUsage }],
  ["1.3.6.1.5.5.7.1.1", { name: "authorityInfoAccess", read: readAuthorityInfoAccess }],
  ["1.3.6.1.5.5.7.1.3", { name: "qcStatements", read: readQualifiedStatements }],
  ["1.3.6.1.5.5.7.1.24", { name: "tlsFeature", read: readTlsFeatures }],
  ["1.3.6.1.4.1.11129.2.4.2", { name: "signedCertificateTimestamps", read: readSignedCertificateTimestamps }],
  ["1.3.6.1.4.1.11129.2.4.3", { name: "precertificatePoison", read: readPoison }],
  ["2.23.140.1.31", { name: "torServiceDescriptors", read: readTorServiceDescriptors }],
  ["2.23.140.3.1", { name: "cabfOrganizationIdentifier", read: readOrganizationIdentifier }],
  ["2.16.840.1.113730.1.1", { name: "netscapeCertificateType", read: readNetscapeCertificateType }],
  ["2.16.840.1.113730.1.13", { name: "netscapeComment", read: readNetscapeComment }],
]);

/** No extension. */
export function noExtensions(): Draft {
  return {
    subjectAlternativeName: null,
    issuerAlternativeName: null,
    basicConstraints: null,
    nameConstraints: null,
    keyUsage: null,
    extendedKeyUsage: null,
    subjectKeyIdentifier: null,
    authorityKeyIdentifier: null,
    certificatePolicies: null,
    authorityInfoAccess: null,
    crlDistributionPoints: null,
    isPrecertificate: false,
    signedCertificateTimestamps: null,
    tlsFeatures: null,
    qualifiedStatements: null,
    organizationIdentifier: null,
    torServiceDescriptors: null,
    netscapeCertificateType: null,
    netscapeComment: null,
  };
}

/**
 * Reads the extensions between the reader's position and `end`, the content of Extensions. Each stands alone: a
 * broken one adds to `errors` and leaves the others. Of duplicates (RFC 5280 4.2 forbids them) the first counts; all
 * are in `list`.
 */
export function readExtensions(
  reader: DerReader,
  end: number,
  extensions: Draft,
  list: Extension[],
  errors: string[],
): void {
  const seen = new Set<string>();
  while (reader.position < end && errors.length < ERROR_COUNT_MAX) {
    let piece = "extension";
    let extensionEnd = end;
    try {
      extensionEnd = reader.measure(end);
      reader.enter(Tag.sequence, extensionEnd);
      const identifier = readObjectIdentifier(reader, extensionEnd);
      const identifierHead = reader.head;
      const type = EXTENSION_TYPES.get(identifier);
      piece = type?.name ?? identifier;
      const isCritical = reader.peek(extensionEnd) === Tag.boolean && readBoolean(reader, extensionEnd);
      const valueEnd = reader.enter(Tag.octetString, extensionEnd);
      if (!reader.isCut) {
        const value = reader.bytes.subarray(reader.position, valueEnd);
        list.push({ identifier, name: type?.name ?? null, isCritical, value });
      }
      if (seen.has(identifier)) throw new DerError(`duplicate at octet ${identifierHead}`);
      seen.add(identifier);
      if (type !== undefined) {
        type.read(reader, valueEnd, extensions);
        reader.finish(valueEnd);
      }
      reader.position = valueEnd;
      reader.finish(extensionEnd);
      collectFlaw(reader, piece, errors);
    } catch (error) {
      collectFlaw(reader, piece, errors, error);
    }
    reader.position = extensionEnd;
  }
  reader.position = end;
}

function readSubjectAlternativeName(reader: DerReader, limit: number, extensions: Draft): void {
  const names = emptyGeneralNames();
  extensions.subjectAlternativeName = names;
  readGeneralNames(reader, limit, names);
}

function readIssuerAlternativeName(reader: DerReader, limit: number, extensions: Draft): void {
  const names = emptyGeneralNames();
  extensions.issuerAlternativeName = names;
  readGeneralNames(reader, limit, names);
}

/** The poison is a NULL; that it is there is what counts. */
function readPoison(reader: DerReader, limit: number, extensions: Draft): void {
  extensions.isPrecertificate = true;
  reader.read(limit);
}
