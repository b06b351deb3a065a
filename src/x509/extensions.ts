/**
 * Certificate extensions (RFC 5280 4.2).
 *
 * @module
 */

import { DerError, type DerReader, Tag } from "./der.ts";
import { collectFlaw, ERROR_COUNT_MAX } from "./errors.ts";
import {
  emptyGeneralNames,
  type GeneralNames,
  readGeneralNameList,
  readGeneralNames,
} from "./general_name.ts";
import { checkInteger, integerHex, readInteger, smallInteger } from "./integer.ts";
import type { Mutable } from "./mutable.ts";
import { readObjectIdentifier } from "./oid.ts";
import { encodeHex } from "./text.ts";

/** RFC 5280 4.2.1.9. */
export interface BasicConstraints {
  readonly isAuthority: boolean;
  /** How many intermediate certificates may follow; `null` if that is not limited. */
  readonly pathLength: number | null;
}

/** RFC 5280 4.2.1.1. */
export interface AuthorityKeyIdentifier {
  /** Hexadecimal. */
  readonly keyIdentifier: string | null;
  readonly issuer: GeneralNames | null;
  /** Hexadecimal, as {@linkcode ParsedCertificate.serialNumber}. */
  readonly serialNumber: string | null;
}

/** The extensions that are read; `null` if a certificate has none of that type, or none that is readable. */
export interface KnownExtensions {
  readonly subjectAlternativeName: GeneralNames | null;
  readonly basicConstraints: BasicConstraints | null;
  /** RFC 5280's words, in the order of their bits: "digitalSignature", "keyCertSign". */
  readonly keyUsage: readonly string[] | null;
  /** RFC 5280's words ("serverAuth", "anyExtendedKeyUsage"), or dotted object identifiers. */
  readonly extendedKeyUsage: readonly string[] | null;
  /** Hexadecimal. */
  readonly subjectKeyIdentifier: string | null;
  readonly authorityKeyIdentifier: AuthorityKeyIdentifier | null;
}

const EXTENSION_NAMES: ReadonlyMap<string, string> = new Map([
  ["2.5.29.14", "subjectKeyIdentifier"],
  ["2.5.29.15", "keyUsage"],
  ["2.5.29.17", "subjectAlternativeName"],
  ["2.5.29.19", "basicConstraints"],
  ["2.5.29.35", "authorityKeyIdentifier"],
  ["2.5.29.37", "extendedKeyUsage"],
]);

/** By bit (RFC 5280 4.2.1.3). */
const KEY_USAGES = [
  "digitalSignature",
  "nonRepudiation",
  "keyEncipherment",
  "dataEncipherment",
  "keyAgreement",
  "keyCertSign",
  "cRLSign",
  "encipherOnly",
  "decipherOnly",
];

const KEY_PURPOSES: ReadonlyMap<string, string> = new Map([
  ["2.5.29.37.0", "anyExtendedKeyUsage"],
  ["1.3.6.1.5.5.7.3.1", "serverAuth"],
  ["1.3.6.1.5.5.7.3.2", "clientAuth"],
  ["1.3.6.1.5.5.7.3.3", "codeSigning"],
  ["1.3.6.1.5.5.7.3.4", "emailProtection"],
  ["1.3.6.1.5.5.7.3.8", "timeStamping"],
  ["1.3.6.1.5.5.7.3.9", "OCSPSigning"],
]);

/** Identifier octets inside AuthorityKeyIdentifier (context-specific, implicit). */
const AuthorityTag = { keyIdentifier: 0x80, issuer: 0xa1, serialNumber: 0x82 } as const;

/**
 * Reads the extensions between the reader's position and `end`, the content of Extensions. Each stands alone: a broken
 * one adds to `errors` and leaves the others. Of duplicates (RFC 5280 4.2 forbids them) the first counts.
 */
export function readExtensions(
  reader: DerReader,
  end: number,
  extensions: Mutable<KnownExtensions>,
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
      piece = EXTENSION_NAMES.get(identifier) ?? identifier;
      if (seen.has(identifier)) throw new DerError(`duplicate at octet ${reader.head}`);
      seen.add(identifier);
      if (reader.peek(extensionEnd) === Tag.boolean) reader.read(extensionEnd);
      const valueEnd = reader.enter(Tag.octetString, extensionEnd);
      if (readExtension(reader, piece, valueEnd, extensions)) reader.finish(valueEnd);
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

/** Reads the value of one extension, which ends at `limit`; false if it is of none of the types that are read. */
function readExtension(
  reader: DerReader,
  name: string,
  limit: number,
  extensions: Mutable<KnownExtensions>,
): boolean {
  switch (name) {
    case "subjectAlternativeName": {
      const names = emptyGeneralNames();
      extensions.subjectAlternativeName = names;
      readGeneralNames(reader, limit, names);
      return true;
    }
    case "basicConstraints":
      readBasicConstraints(reader, limit, extensions);
      return true;
    case "keyUsage":
      readKeyUsage(reader, limit, extensions);
      return true;
    case "extendedKeyUsage":
      readExtendedKeyUsage(reader, limit, extensions);
      return true;
    case "subjectKeyIdentifier":
      reader.expect(Tag.octetString, limit);
      extensions.subjectKeyIdentifier = encodeHex(reader.bytes, reader.start, reader.end);
      return true;
    case "authorityKeyIdentifier":
      readAuthorityKeyIdentifier(reader, limit, extensions);
      return true;
    default:
      return false;
  }
}

function readBasicConstraints(reader: DerReader, limit: number, extensions: Mutable<KnownExtensions>): void {
  const constraints: Mutable<BasicConstraints> = { isAuthority: false, pathLength: null };
  const end = reader.enter(Tag.sequence, limit);
  if (reader.peek(end) === Tag.boolean) {
    reader.read(end);
    if (reader.end - reader.start !== 1) throw new DerError(`boolean not one octet at octet ${reader.start}`);
    constraints.isAuthority = reader.bytes[reader.start] !== 0;
  }
  extensions.basicConstraints = constraints;
  if (reader.peek(end) === Tag.integer) {
    readInteger(reader, end);
    constraints.pathLength = smallInteger(reader.bytes, reader.start, reader.end);
    if (constraints.pathLength === null) reader.noteFlaw(`path length out of range at octet ${reader.start}`);
  }
  reader.finish(end);
  reader.position = end;
}

function readKeyUsage(reader: DerReader, limit: number, extensions: Mutable<KnownExtensions>): void {
  reader.expect(Tag.bitString, limit);
  const { bytes, start, end } = reader;
  const unusedBits = start < end ? bytes[start]! : 8;
  if (unusedBits > 7) throw new DerError(`bit string malformed at octet ${start}`);
  const bitCount = Math.max(0, (end - start - 1) * 8 - unusedBits);
  const usages: string[] = [];
  for (let bit = 0; bit < Math.min(bitCount, KEY_USAGES.length); bit += 1) {
    if (bytes[start + 1 + (bit >> 3)]! & 0x80 >> (bit & 7)) usages.push(KEY_USAGES[bit]!);
  }
  extensions.keyUsage = usages;
}

function readExtendedKeyUsage(reader: DerReader, limit: number, extensions: Mutable<KnownExtensions>): void {
  const purposes: string[] = [];
  extensions.extendedKeyUsage = purposes;
  const end = reader.enter(Tag.sequence, limit);
  while (reader.position < end) {
    const identifier = readObjectIdentifier(reader, end);
    purposes.push(KEY_PURPOSES.get(identifier) ?? identifier);
  }
}

function readAuthorityKeyIdentifier(
  reader: DerReader,
  limit: number,
  extensions: Mutable<KnownExtensions>,
): void {
  const authority: Mutable<AuthorityKeyIdentifier> = {
    keyIdentifier: null,
    issuer: null,
    serialNumber: null,
  };
  extensions.authorityKeyIdentifier = authority;
  const end = reader.enter(Tag.sequence, limit);
  if (reader.peek(end) === AuthorityTag.keyIdentifier) {
    reader.read(end);
    authority.keyIdentifier = encodeHex(reader.bytes, reader.start, reader.end);
  }
  if (reader.peek(end) === AuthorityTag.issuer) {
    const names = emptyGeneralNames();
    authority.issuer = names;
    readGeneralNameList(reader, reader.enter(AuthorityTag.issuer, end), names);
  }
  if (reader.peek(end) === AuthorityTag.serialNumber) {
    reader.read(end);
    checkInteger(reader);
    authority.serialNumber = integerHex(reader.bytes, reader.start, reader.end);
  }
  reader.finish(end);
  reader.position = end;
}
