/**
 * The certificate (RFC 5280 4.1) as a record.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { unusedBits } from "./bit_string.ts";
import { DerError, DerReader, Tag } from "./der.ts";
import { collectFlaw } from "./errors.ts";
import { type Extension, type KnownExtensions, noExtensions, readExtensions } from "./extensions.ts";
import { integerHex, readInteger, smallInteger } from "./integer.ts";
import type { Mutable } from "./mutable.ts";
import { type DistinguishedName, emptyName, readName } from "./name.ts";
import { type PublicKey, readPublicKey } from "./public_key.ts";
import { readSignatureAlgorithm, type SignatureAlgorithm } from "./signature_algorithm.ts";
import { readTime } from "./time.ts";

/**
 * What a certificate says; a field is `null` where the certificate has nothing readable. Identifiers and digests are
 * text. Octets are views of the certificate's own: nothing is copied, and they stay right as long as nobody writes
 * there.
 */
export interface ParsedCertificate extends KnownExtensions {
  /** What was read. */
  readonly der: Uint8Array;
  /** TBSCertificate, with its header: what the signature is over. */
  readonly tbs: Uint8Array | null;
  /** 1, 2 or 3, as people count; the encoding is one less. */
  readonly version: number | null;
  /** Lower-case hexadecimal, without leading zero octets, "-" in front if negative. */
  readonly serialNumber: string | null;
  /** The one that was signed; the one beside the signature must be the same. */
  readonly signatureAlgorithm: SignatureAlgorithm | null;
  /** Content of the BIT STRING. */
  readonly signatureValue: Uint8Array | null;
  readonly issuer: DistinguishedName | null;
  readonly subject: DistinguishedName | null;
  /** Issuer and subject are the same octets. */
  readonly isSelfIssued: boolean;
  /** ISO 8601 in UTC, to the second: "2024-02-29T00:00:00Z". */
  readonly notBefore: string | null;
  /** Like `notBefore`; the last second that counts. */
  readonly notAfter: string | null;
  readonly publicKey: PublicKey | null;
  /** Content of the BIT STRINGs that certificates of version 2 may carry (RFC 5280 4.1.2.8). */
  readonly issuerUniqueIdentifier: Uint8Array | null;
  readonly subjectUniqueIdentifier: Uint8Array | null;
  /** Every extension as it came, in the certificate's order, duplicates too. */
  readonly extensions: readonly Extension[];
  /** What is wrong with the encoding, in the order met; empty if nothing is. */
  readonly errors: readonly string[];
}

type Draft = Mutable<ParsedCertificate> & { readonly extensions: Extension[]; readonly errors: string[] };

/** Identifier octets inside TBSCertificate (context-specific). */
const FieldTag = {
  version: 0xa0,
  issuerUniqueIdentifier: 0x81,
  subjectUniqueIdentifier: 0x82,
  extensions: 0xa3,
} as const;

const CERTIFICATE_FIELDS = ["tbsCertificate", "signatureAlgorithm", "signatureValue"] as const;

/** The fields that every certificate has, behind the version. */
const TBS_FIELDS = [
  "serialNumber",
  "signature",
  "issuer",
  "validity",
  "subject",
  "subjectPublicKeyInfo",
] as const;

const VALIDITY_FIELDS = ["notBefore", "notAfter"] as const;

/** RFC 5280's words, as they appear in errors. */
type Field =
  | "certificate"
  | typeof CERTIFICATE_FIELDS[number]
  | "version"
  | typeof TBS_FIELDS[number]
  | typeof VALIDITY_FIELDS[number]
  | "issuerUniqueID"
  | "subjectUniqueID"
  | "extensions";

/**
 * Reads a certificate. Never throws: what is malformed is told in `errors`, and every part that the structure around
 * it still gives access to is read.
 */
export function parseCertificate(der: Uint8Array): ParsedCertificate {
  return readCertificate(new DerReader(der));
}

/**
 * Reads the certificate that a fresh reader holds, for those who want to see the reader's cost afterwards.
 */
export function readCertificate(reader: DerReader): ParsedCertificate {
  const draft: Draft = {
    der: reader.bytes,
    tbs: null,
    version: null,
    serialNumber: null,
    signatureAlgorithm: null,
    signatureValue: null,
    issuer: null,
    subject: null,
    isSelfIssued: false,
    notBefore: null,
    notAfter: null,
    publicKey: null,
    issuerUniqueIdentifier: null,
    subjectUniqueIdentifier: null,
    extensions: [],
    ...noExtensions(),
    errors: [],
  };
  readField(reader, "certificate", reader.bytes.length, draft);
  return draft;
}

/**
 * Reads one field, alone: what is wrong with it becomes an error of the record, and the reader goes on behind it.
 * False if not even its header is there, so that nothing behind it can be found either.
 */
function readField(reader: DerReader, field: Field, limit: number, draft: Draft): boolean {
  let end = limit;
  let isFound = false;
  try {
    // Where the field ends must be known before anything inside it can go wrong.
    end = reader.measure(limit);
    isFound = true;
    readContent(reader, field, end, draft);
    reader.finish(end);
    collectFlaw(reader, field, draft.errors);
  } catch (error) {
    collectFlaw(reader, field, draft.errors, error);
  }
  reader.position = end;
  return isFound;
}

/** Reads the field at the reader's position, which ends at `limit`, into the record. Throws {@linkcode DerError}. */
function readContent(reader: DerReader, field: Field, limit: number, draft: Draft): void {
  switch (field) {
    case "certificate":
      readCertificateFields(reader, limit, draft);
      return;
    case "tbsCertificate":
      readTbsFields(reader, limit, draft);
      return;
    case "version":
      draft.version = readVersion(reader, limit);
      return;
    case "serialNumber":
      readInteger(reader, limit);
      draft.serialNumber = integerHex(reader.bytes, reader.start, reader.end);
      return;
    case "signature":
      draft.signatureAlgorithm = readSignatureAlgorithm(reader, limit);
      return;
    case "issuer": {
      const name = emptyName();
      draft.issuer = name;
      readName(reader, limit, name);
      return;
    }
    case "validity":
      readValidity(reader, limit, draft);
      return;
    case "notBefore":
      draft.notBefore = readTime(reader, limit);
      return;
    case "notAfter":
      draft.notAfter = readTime(reader, limit);
      return;
    case "subject": {
      const name = emptyName();
      draft.subject = name;
      readName(reader, limit, name);
      return;
    }
    case "subjectPublicKeyInfo":
      readPublicKey(reader, limit, draft);
      return;
    case "issuerUniqueID":
      draft.issuerUniqueIdentifier = readBits(reader, FieldTag.issuerUniqueIdentifier, limit);
      return;
    case "subjectUniqueID":
      draft.subjectUniqueIdentifier = readBits(reader, FieldTag.subjectUniqueIdentifier, limit);
      return;
    case "extensions":
      readExtensionList(reader, limit, draft);
      return;
    case "signatureAlgorithm":
      readOuterSignatureAlgorithm(reader, limit, draft);
      return;
    case "signatureValue":
      draft.signatureValue = readBits(reader, Tag.bitString, limit);
  }
}

/** Octets of a BIT STRING; how many of its last bits are unused is of no interest here. */
function readBits(reader: DerReader, tag: number, limit: number): Uint8Array {
  reader.expect(tag, limit);
  unusedBits(reader);
  return reader.bytes.subarray(reader.start + 1, reader.end);
}

/** Enters a field that holds others; that it was cut is its own flaw, not that of the first field in it. */
function enterField(reader: DerReader, field: Field, tag: number, limit: number, draft: Draft): number {
  const end = reader.enter(tag, limit);
  collectFlaw(reader, field, draft.errors);
  return end;
}

/** Reads fields one behind the other, as far as they can be found. */
function readFields(reader: DerReader, fields: readonly Field[], end: number, draft: Draft): void {
  for (const field of fields) {
    if (!readField(reader, field, end, draft)) return;
  }
}

function readCertificateFields(reader: DerReader, limit: number, draft: Draft): void {
  const end = enterField(reader, "certificate", Tag.sequence, limit, draft);
  readFields(reader, CERTIFICATE_FIELDS, end, draft);
  if (end < reader.bytes.length) reader.noteFlaw(`${reader.bytes.length - end} octets trail at octet ${end}`);
}

function readTbsFields(reader: DerReader, limit: number, draft: Draft): void {
  const end = enterField(reader, "tbsCertificate", Tag.sequence, limit, draft);
  if (!reader.isCut) draft.tbs = reader.bytes.subarray(reader.head, end);
  if (reader.peek(end) === FieldTag.version) readField(reader, "version", end, draft);
  else draft.version = 1;

  let issuerStart = 0;
  let issuerEnd = 0;
  for (const field of TBS_FIELDS) {
    const start = reader.position;
    if (!readField(reader, field, end, draft)) return;
    if (field === "issuer") {
      issuerStart = start;
      issuerEnd = reader.position;
    } else if (field === "subject") {
      draft.isSelfIssued = isSame(
        reader.bytes.subarray(issuerStart, issuerEnd),
        reader.bytes.subarray(start, reader.position),
      );
    }
  }
  if (reader.peek(end) === FieldTag.issuerUniqueIdentifier) readField(reader, "issuerUniqueID", end, draft);
  if (reader.peek(end) === FieldTag.subjectUniqueIdentifier) readField(reader, "subjectUniqueID", end, draft);
  if (reader.peek(end) === FieldTag.extensions) readField(reader, "extensions", end, draft);
}

function readVersion(reader: DerReader, limit: number): number {
  const end = reader.enter(FieldTag.version, limit);
  readInteger(reader, end);
  const value = smallInteger(reader.bytes, reader.start, reader.end);
  if (value === null || value > 2) throw new DerError(`no known version at octet ${reader.start}`);
  return value + 1;
}

function readValidity(reader: DerReader, limit: number, draft: Draft): void {
  readFields(reader, VALIDITY_FIELDS, enterField(reader, "validity", Tag.sequence, limit, draft), draft);
}

function readExtensionList(reader: DerReader, limit: number, draft: Draft): void {
  const end = enterField(reader, "extensions", FieldTag.extensions, limit, draft);
  const listEnd = enterField(reader, "extensions", Tag.sequence, end, draft);
  readExtensions(reader, listEnd, draft, draft.extensions, draft.errors);
}

/** The algorithm beside the signature must be the one that was signed (RFC 5280 4.1.1.2), which is the one kept. */
function readOuterSignatureAlgorithm(reader: DerReader, limit: number, draft: Draft): void {
  const algorithm = readSignatureAlgorithm(reader, limit);
  draft.signatureAlgorithm ??= algorithm;
  if (algorithm.identifier !== draft.signatureAlgorithm.identifier) {
    reader.noteFlaw(`${algorithm.name} is not the signed ${draft.signatureAlgorithm.name}`);
  } else if (!isSame(algorithm.parameters, draft.signatureAlgorithm.parameters)) {
    reader.noteFlaw(`parameters are not the signed ones at octet ${reader.head}`);
  }
}

function isSame(octets: Uint8Array | null, others: Uint8Array | null): boolean {
  return octets === others || (octets !== null && others !== null && Buffer.compare(octets, others) === 0);
}
