import { base64, hexadecimal } from "../../text/mod.ts";
import type {
  CertificatePolicy,
  NameConstraints,
  OrganizationIdentifier,
  ParsedCertificate,
  SignedCertificateTimestamp,
  TorServiceDescriptor,
  UserNotice,
} from "../../x509/mod.ts";
import { generalNamesFields, subtreesFields } from "./general_names.ts";
import { nonEmpty } from "./json.ts";
import { keyPurposesFields } from "./key_purposes.ts";
import { keyUsageFields } from "./key_usage.ts";
import { qualifiedStatementsFields } from "./qualified_statements.ts";

const NAME_CONSTRAINTS = "2.5.29.30";

/** What zcrypto reads; it keeps every other extension raw. */
const KNOWN: ReadonlySet<string> = new Set([
  "2.5.29.14",
  "2.5.29.15",
  "2.5.29.17",
  "2.5.29.18",
  "2.5.29.19",
  NAME_CONSTRAINTS,
  "2.5.29.31",
  "2.5.29.32",
  "2.5.29.35",
  "2.5.29.37",
  "1.3.6.1.4.1.11129.2.4.2",
  "1.3.6.1.4.1.11129.2.4.3",
  "1.3.6.1.5.5.7.1.1",
  "1.3.6.1.5.5.7.1.3",
  "2.23.140.1.31",
  "2.23.140.3.1",
]);

/** Go's largest year, 9999, in seconds since 1970: zcrypto leaves out what is later. */
const TIMESTAMP_SECONDS_MAX = 253_402_300_799;

/** A certificate's extensions as zcrypto's `x509.CertificateExtensions`. */
export function extensionsFields(parsed: ParsedCertificate): object {
  const { basicConstraints, subjectAlternativeName, issuerAlternativeName, nameConstraints } = parsed;
  const { certificatePolicies, authorityInfoAccess, crlDistributionPoints, extendedKeyUsage } = parsed;
  const { organizationIdentifier, qualifiedStatements } = parsed;
  return {
    key_usage: parsed.keyUsage ? keyUsageFields(parsed.keyUsage) : undefined,
    basic_constraints: basicConstraints
      ? { is_ca: basicConstraints.isAuthority, max_path_len: basicConstraints.pathLength ?? undefined }
      : undefined,
    subject_alt_name: subjectAlternativeName ? generalNamesFields(subjectAlternativeName) : undefined,
    issuer_alt_name: issuerAlternativeName ? generalNamesFields(issuerAlternativeName) : undefined,
    name_constraints: nameConstraints ? constraintsFields(nameConstraints, parsed) : undefined,
    crl_distribution_points: nonEmpty(crlDistributionPoints?.flatMap(({ names }) => names?.uri ?? []) ?? []),
    authority_key_id: parsed.authorityKeyIdentifier?.keyIdentifier || undefined,
    subject_key_id: parsed.subjectKeyIdentifier || undefined,
    extended_key_usage: extendedKeyUsage ? keyPurposesFields(extendedKeyUsage) : undefined,
    certificate_policies: certificatePolicies?.map(policyFields),
    authority_info_access: authorityInfoAccess
      ? { ocsp_urls: nonEmpty(authorityInfoAccess.ocsp), issuer_urls: nonEmpty(authorityInfoAccess.issuers) }
      : undefined,
    ct_poison: parsed.isPrecertificate || undefined,
    signed_certificate_timestamps: nonEmpty(parsed.signedCertificateTimestamps?.map(timestampFields) ?? []),
    tor_service_descriptors: nonEmpty(parsed.torServiceDescriptors?.map(descriptorFields) ?? []),
    cabf_organization_id: organizationIdentifier ? organizationFields(organizationIdentifier) : undefined,
    qc_statements: qualifiedStatements ? qualifiedStatementsFields(qualifiedStatements) : undefined,
  };
}

/** Those that zcrypto does not read, as its `pkix.Extension`; undefined for none. */
export function unknownExtensionsFields({ extensions }: ParsedCertificate): readonly object[] | undefined {
  const unknown = extensions.filter(({ identifier }) => !KNOWN.has(identifier));
  return nonEmpty(unknown.map(({ identifier, isCritical, value }) => ({
    id: identifier,
    critical: isCritical,
    value: base64(value) || undefined,
  })));
}

function constraintsFields(
  { permitted, excluded }: NameConstraints,
  { extensions }: ParsedCertificate,
): object {
  return {
    critical: extensions.some(({ identifier, isCritical }) => identifier === NAME_CONSTRAINTS && isCritical),
    ...subtreesFields("permitted", permitted),
    ...subtreesFields("excluded", excluded),
  };
}

function policyFields({ identifier, cps, notices }: CertificatePolicy): object {
  return {
    id: identifier,
    cps: nonEmpty(cps),
    user_notice: nonEmpty(notices.filter(isTold).map(noticeFields)),
  };
}

function isTold({ text, organization }: UserNotice): boolean {
  return text !== null || organization !== null;
}

function noticeFields({ text, organization, numbers }: UserNotice): object {
  return {
    explicit_text: text || undefined,
    notice_reference: organization === null
      ? undefined
      : [{ organization: organization || undefined, notice_numbers: nonEmpty(numbers) }],
  };
}

function timestampFields(timestamp: SignedCertificateTimestamp): object {
  const seconds = Math.floor(timestamp.timestampMs / 1_000);
  return {
    // RFC 6962's number, where ours counts from one.
    version: timestamp.version - 1,
    log_id: base64(timestamp.logId),
    timestamp: seconds > 0 && seconds <= TIMESTAMP_SECONDS_MAX ? seconds : undefined,
    extensions: base64(timestamp.extensions) || undefined,
    signature: base64(timestamp.signed),
  };
}

function descriptorFields({ uri, hashAlgorithm, hash, hashBits }: TorServiceDescriptor): object {
  const name = hashAlgorithm.replace("-", "");
  return {
    onion: uri,
    algorithm_name: name.startsWith("SHA") ? name : "Unknown",
    hash: hexadecimal(hash),
    hash_bits: hashBits,
  };
}

function organizationFields({ scheme, country, stateOrProvince, reference }: OrganizationIdentifier): object {
  return {
    scheme: scheme || undefined,
    country: country || undefined,
    state: stateOrProvince || undefined,
    reference: reference || undefined,
  };
}
