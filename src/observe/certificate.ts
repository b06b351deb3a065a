import { base64, hexadecimal } from "../text/mod.ts";
import {
  claimsSelfSigned,
  digestCertificate,
  type DistinguishedName,
  type DistributionPoint,
  formatName,
  type GeneralNames,
  type OrganizationIdentifier,
  type ParsedCertificate,
  unicodeName,
  validationLevel,
  validitySeconds,
} from "../x509/mod.ts";
import {
  type AlternativeNameFields,
  type CertificateObservation,
  type NameFields,
  timestamp,
} from "./observation.ts";

/** The one place where a parsed certificate becomes the log's JSON. */
export function certificateObservation(
  fingerprint: string,
  parsed: ParsedCertificate,
  der: Uint8Array,
  time = timestamp(),
): CertificateObservation {
  const digests = digestCertificate(parsed, fingerprint);
  return {
    type: "certificate",
    time,
    fingerprint,
    fingerprint_sha1: digests.sha1,
    fingerprint_md5: digests.md5,
    tbs_fingerprint: digests.tbs,
    tbs_noct_fingerprint: digests.tbsWithoutTransparency,
    spki_fingerprint: digests.publicKey,
    spki_subject_fingerprint: digests.publicKeyAndSubject,
    version: parsed.version,
    serial_number: parsed.serialNumber,
    subject: nameFields(parsed.subject),
    issuer: nameFields(parsed.issuer),
    self_issued: parsed.isSelfIssued,
    claims_self_signed: claimsSelfSigned(parsed),
    not_before: parsed.notBefore,
    not_after: parsed.notAfter,
    validity_seconds: validitySeconds(parsed),
    key_algorithm: parsed.publicKey?.algorithm ?? null,
    key_bits: parsed.publicKey?.bits ?? null,
    key_curve: parsed.publicKey?.curve ?? null,
    signature_algorithm: parsed.signatureAlgorithm?.name ?? null,
    signature_hash: parsed.signatureAlgorithm?.hash ?? null,
    alternative_names: alternativeNameFields(parsed.subjectAlternativeName),
    is_authority: parsed.basicConstraints?.isAuthority ?? null,
    path_length: parsed.basicConstraints?.pathLength ?? null,
    key_usage: parsed.keyUsage,
    extended_key_usage: parsed.extendedKeyUsage,
    subject_key_identifier: parsed.subjectKeyIdentifier,
    authority_key_identifier: parsed.authorityKeyIdentifier?.keyIdentifier ?? null,
    validation_level: validationLevel(parsed),
    policies: parsed.certificatePolicies?.map(({ identifier }) => identifier) ?? null,
    ocsp_urls: parsed.authorityInfoAccess?.ocsp ?? null,
    issuer_urls: parsed.authorityInfoAccess?.issuers ?? null,
    crl_urls: parsed.crlDistributionPoints?.flatMap(listUrls) ?? null,
    tls_features: parsed.tlsFeatures,
    organization_identifier: organizationIdentifierText(parsed.organizationIdentifier),
    qualified: parsed.qualifiedStatements?.isCompliant ?? false,
    precertificate: parsed.isPrecertificate,
    sct_count: parsed.signedCertificateTimestamps?.length ?? 0,
    extensions: parsed.extensions.map(({ identifier }) => identifier),
    errors: parsed.errors,
    der: base64(der),
  };
}

function nameFields(name: DistinguishedName | null): NameFields | null {
  return name && { text: formatName(name), common_name: name.commonName, organization: name.organization };
}

function alternativeNameFields(names: GeneralNames | null): AlternativeNameFields | null {
  if (names === null) return null;
  const { dns, ip, uri, mail } = names;
  const unicode = dns.map(unicodeName).filter((name) => name !== null);
  return {
    dns,
    ...(unicode.length > 0 && { dns_unicode: unicode }),
    ip,
    uri,
    mail,
    other: names.other.map(({ der }) => hexadecimal(der)),
  };
}

function listUrls({ names }: DistributionPoint): readonly string[] {
  return names?.uri ?? [];
}

/** In the form that subjects have it in (ETSI EN 319 412-1, 5.1.4; EV Guidelines 9.2.8): "NTRDE-HRB 1234". */
function organizationIdentifierText(identifier: OrganizationIdentifier | null): string | null {
  if (identifier === null) return null;
  const { scheme, country, stateOrProvince, reference } = identifier;
  return `${scheme}${country}${stateOrProvince === null ? "" : `+${stateOrProvince}`}-${reference}`;
}
