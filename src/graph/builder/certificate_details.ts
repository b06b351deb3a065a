import type { CertificateObservation } from "../../observe/mod.ts";
import { domainOf } from "../domain_name.ts";
import { normalizeOrganization } from "../organization.ts";
import {
  fingerprintValue,
  listValue,
  octetsValue,
  optional,
  secondsValue,
  textValue,
} from "./record_values.ts";

/** What the graph keeps of a certificate, apart from where it was seen. */
export interface CertificateDetails {
  readonly serialNumber: string | null;
  readonly subject: string | null;
  readonly issuer: IssuerDetails | null;
  /** Normalized. */
  readonly organization: string | null;
  readonly publicKey: PublicKeyDetails | null;
  /** Seconds since 1970. */
  readonly notBefore: number | null;
  readonly notAfter: number | null;
  readonly selfSigned: boolean;
  readonly authority: boolean | null;
  /** Hexadecimal. */
  readonly subjectKeyIdentifier: string | null;
  readonly authorityKeyIdentifier: string | null;
  readonly signatureAlgorithm: string | null;
  readonly validationLevel: string;
  /** Names that it is for, with the length of the registrable domain at their end. */
  readonly domains: ReadonlyMap<string, number | null>;
}

/** The distinguished name of an issuer. */
export interface IssuerDetails {
  readonly text: string;
  readonly organization: string | null;
}

/** A key without the certificates that use it. */
export interface PublicKeyDetails {
  /** SHA-256 of the SubjectPublicKeyInfo, hexadecimal. */
  readonly fingerprint: string;
  readonly algorithm: string | null;
  readonly bits: number | null;
  readonly curve: string | null;
}

/**
 * Takes from a record what the graph keeps. The rest, most of it the certificate itself, stays in the log.
 *
 * @throws {Error} with what is wrong, when it is none that a run writes.
 */
export function certificateDetails(record: CertificateObservation): CertificateDetails {
  const { subject, issuer, spki_fingerprint: key } = record;
  return {
    serialNumber: optional(textValue, record.serial_number),
    subject: optional(textValue, subject?.text),
    issuer: issuer === null ? null : {
      text: textValue(issuer.text),
      organization: optional(textValue, issuer.organization),
    },
    organization: organizationOf(optional(textValue, subject?.organization)),
    publicKey: key === null ? null : {
      fingerprint: fingerprintValue(key),
      algorithm: optional(textValue, record.key_algorithm),
      bits: record.key_bits,
      curve: optional(textValue, record.key_curve),
    },
    notBefore: optional(secondsValue, record.not_before),
    notAfter: optional(secondsValue, record.not_after),
    selfSigned: record.claims_self_signed,
    authority: record.is_authority,
    subjectKeyIdentifier: optional(octetsValue, record.subject_key_identifier),
    authorityKeyIdentifier: optional(octetsValue, record.authority_key_identifier),
    signatureAlgorithm: optional(textValue, record.signature_algorithm),
    validationLevel: textValue(record.validation_level),
    domains: domainsOf(subject?.common_name, record.alternative_names?.dns),
  };
}

function organizationOf(form: string | null): string | null {
  return form === null ? null : normalizeOrganization(form) || null;
}

function domainsOf(commonName: unknown, alternativeNames: unknown): Map<string, number | null> {
  const domains = new Map<string, number | null>();
  for (const raw of [commonName ?? "", ...optional(listValue, alternativeNames) ?? []]) {
    const domain = domainOf(textValue(raw));
    if (domain !== null) domains.set(domain.name, domain.registrable?.length ?? null);
  }
  return domains;
}
