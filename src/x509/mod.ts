/**
 * X.509 certificates: a DER reader that is total over any octets, and the record it fills.
 *
 * @module
 */

export { parseCertificate, type ParsedCertificate } from "./certificate.ts";
export { type CertificateDigests, digestCertificate } from "./digests.ts";
export type { AuthorityInfoAccess, OtherAccess } from "./extension/authority_info_access.ts";
export type { BasicConstraints } from "./extension/basic_constraints.ts";
export type { CertificatePolicy, OtherQualifier, UserNotice } from "./extension/certificate_policies.ts";
export type { DistributionPoint } from "./extension/crl_distribution_points.ts";
export type { AuthorityKeyIdentifier } from "./extension/key_identifier.ts";
export type { NameConstraints } from "./extension/name_constraints.ts";
export type { OrganizationIdentifier } from "./extension/organization_identifier.ts";
export type {
  DisclosureLocation,
  MonetaryValue,
  QualifiedStatement,
  QualifiedStatements,
} from "./extension/qualified_statements.ts";
export type { SignedCertificateTimestamp } from "./extension/signed_certificate_timestamps.ts";
export type { TorServiceDescriptor } from "./extension/tor_service_descriptors.ts";
export type { Extension, KnownExtensions } from "./extensions.ts";
export { fingerprint } from "./fingerprint.ts";
export type {
  AddressRange,
  EdiPartyName,
  GeneralNames,
  NameSubtrees,
  OtherName,
  RawGeneralName,
} from "./general_name.ts";
export { type DistinguishedName, formatName, type NameAttribute } from "./name.ts";
export type { DsaNumbers, EcPoint, PublicKey, RsaNumbers } from "./public_key.ts";
export { claimsSelfSigned } from "./self_signed.ts";
export type { SignatureAlgorithm } from "./signature_algorithm.ts";
export { unicodeName } from "./unicode_name.ts";
export { type ValidationLevel, validationLevel } from "./validation_level.ts";
export { validitySeconds } from "./validity.ts";
