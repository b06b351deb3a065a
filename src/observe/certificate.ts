import { Buffer } from "node:buffer";
import {
  type DistinguishedName,
  formatName,
  type GeneralNames,
  type ParsedCertificate,
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
  return {
    type: "certificate",
    time,
    fingerprint,
    spki_fingerprint: parsed.publicKey?.fingerprint ?? null,
    version: parsed.version,
    serial_number: parsed.serialNumber,
    subject: nameFields(parsed.subject),
    issuer: nameFields(parsed.issuer),
    self_issued: parsed.isSelfIssued,
    not_before: parsed.notBefore,
    not_after: parsed.notAfter,
    key_algorithm: parsed.publicKey?.algorithm ?? null,
    key_bits: parsed.publicKey?.bits ?? null,
    key_curve: parsed.publicKey?.curve ?? null,
    signature_algorithm: parsed.signatureAlgorithm,
    alternative_names: alternativeNameFields(parsed.subjectAlternativeName),
    is_authority: parsed.basicConstraints?.isAuthority ?? null,
    path_length: parsed.basicConstraints?.pathLength ?? null,
    key_usage: parsed.keyUsage,
    extended_key_usage: parsed.extendedKeyUsage,
    subject_key_identifier: parsed.subjectKeyIdentifier,
    authority_key_identifier: parsed.authorityKeyIdentifier?.keyIdentifier ?? null,
    errors: parsed.errors,
    der: Buffer.from(der.buffer, der.byteOffset, der.byteLength).toString("base64"),
  };
}

function nameFields(name: DistinguishedName | null): NameFields | null {
  return name && { text: formatName(name), common_name: name.commonName, organization: name.organization };
}

function alternativeNameFields(names: GeneralNames | null): AlternativeNameFields | null {
  return names && { ...names, other: names.other.map(({ der }) => der) };
}
