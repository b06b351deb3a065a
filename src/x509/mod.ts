/**
 * X.509 certificates: a DER reader that is total over any octets, and the record it fills.
 *
 * @module
 */

export { parseCertificate, type ParsedCertificate } from "./certificate.ts";
export type { AuthorityKeyIdentifier, BasicConstraints, KnownExtensions } from "./extensions.ts";
export { fingerprint } from "./fingerprint.ts";
export type { GeneralNames, RawGeneralName } from "./general_name.ts";
export { type DistinguishedName, formatName, type NameAttribute } from "./name.ts";
export type { PublicKey } from "./public_key.ts";
