/**
 * Distinguished names (RFC 5280 4.1.2.4).
 *
 * @module
 */

import { type DerReader, Tag } from "./der.ts";
import type { Mutable } from "./mutable.ts";
import { readObjectIdentifier } from "./oid.ts";
import { decodeString, encodeHex } from "./text.ts";

/** One attribute of a name. */
export interface NameAttribute {
  /** Dotted object identifier of the attribute's type. */
  readonly identifier: string;
  /** Short name ("CN", "O", "emailAddress") or, of an attribute type not known here, its dotted object identifier. */
  readonly type: string;
  /** The text; of a value that is no string, "#" and the hexadecimal of its DER, as in RFC 4514 2.4. */
  readonly value: string;
}

/** A distinguished name as it stands in the certificate. */
export interface DistinguishedName {
  /** The whole element: a view of the certificate's octets, empty if it is not there whole. */
  readonly der: Uint8Array;
  /** Relative names from the root down, each of one attribute as a rule. */
  readonly relativeNames: readonly (readonly NameAttribute[])[];
  /** The last, most specific CN. */
  readonly commonName: string | null;
  /** The last, most specific O. */
  readonly organization: string | null;
}

const ATTRIBUTE_TYPES: ReadonlyMap<string, string> = new Map([
  ["2.5.4.3", "CN"],
  ["2.5.4.4", "SN"],
  ["2.5.4.5", "serialNumber"],
  ["2.5.4.6", "C"],
  ["2.5.4.7", "L"],
  ["2.5.4.8", "ST"],
  ["2.5.4.9", "street"],
  ["2.5.4.10", "O"],
  ["2.5.4.11", "OU"],
  ["2.5.4.12", "title"],
  ["2.5.4.13", "description"],
  ["2.5.4.15", "businessCategory"],
  ["2.5.4.16", "postalAddress"],
  ["2.5.4.17", "postalCode"],
  ["2.5.4.20", "telephoneNumber"],
  ["2.5.4.41", "name"],
  ["2.5.4.42", "GN"],
  ["2.5.4.43", "initials"],
  ["2.5.4.44", "generationQualifier"],
  ["2.5.4.46", "dnQualifier"],
  ["2.5.4.65", "pseudonym"],
  ["2.5.4.97", "organizationIdentifier"],
  ["0.9.2342.19200300.100.1.1", "UID"],
  ["0.9.2342.19200300.100.1.25", "DC"],
  ["1.2.840.113549.1.9.1", "emailAddress"],
  ["1.2.840.113549.1.9.2", "unstructuredName"],
  ["1.2.840.113549.1.9.8", "unstructuredAddress"],
  ["1.3.6.1.4.1.311.60.2.1.1", "jurisdictionL"],
  ["1.3.6.1.4.1.311.60.2.1.2", "jurisdictionST"],
  ["1.3.6.1.4.1.311.60.2.1.3", "jurisdictionC"],
]);

const NOTHING = new Uint8Array(0);

/** A name to be filled in by {@linkcode readName}. */
export function emptyName(): Mutable<DistinguishedName> {
  return { der: NOTHING, relativeNames: [], commonName: null, organization: null };
}

/** Reads a Name that starts before `limit` into `name`, which keeps what was read when the rest is broken. */
export function readName(reader: DerReader, limit: number, name: Mutable<DistinguishedName>): void {
  const relativeNames: NameAttribute[][] = [];
  name.relativeNames = relativeNames;
  const end = reader.enter(Tag.sequence, limit);
  if (!reader.isCut) name.der = reader.bytes.subarray(reader.head, end);
  while (reader.position < end) {
    const relativeName: NameAttribute[] = [];
    relativeNames.push(relativeName);
    readRelativeName(reader, reader.enter(Tag.set, end), relativeName);
    for (const { type, value } of relativeName) {
      if (type === "CN") name.commonName = value;
      else if (type === "O") name.organization = value;
    }
  }
}

/** Reads the attributes between the reader's position and `end`, the content of a RelativeDistinguishedName. */
export function readRelativeName(reader: DerReader, end: number, attributes: NameAttribute[]): void {
  while (reader.position < end) attributes.push(readAttribute(reader, end));
}

function readAttribute(reader: DerReader, limit: number): NameAttribute {
  const end = reader.enter(Tag.sequence, limit);
  const identifier = readObjectIdentifier(reader, end);
  const tag = reader.read(end);
  const value = decodeString(tag, reader.bytes, reader.start, reader.end) ??
    `#${encodeHex(reader.bytes, reader.head, reader.end)}`;
  reader.finish(end);
  reader.position = end;
  return { identifier, type: ATTRIBUTE_TYPES.get(identifier) ?? identifier, value };
}

/** What RFC 4514 2.4 escapes, and what would be invisible or act on a terminal. */
const ESCAPED = /^[ #]| $|["+,;<>\\]|[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

const encoder = new TextEncoder();

/**
 * One line for a person, most specific part first, in the style of RFC 4514: "CN=example.com,O=Example\, Inc.,C=US".
 * Control characters are escaped, so the line is safe on a terminal.
 */
export function formatName(name: DistinguishedName): string {
  return name.relativeNames.map(formatRelativeName).reverse().join(",");
}

function formatRelativeName(attributes: readonly NameAttribute[]): string {
  return attributes.map(({ type, value }) => `${type}=${value.replace(ESCAPED, escapeCharacter)}`).join("+");
}

function escapeCharacter(character: string): string {
  if (/[ -~]/.test(character)) return `\\${character}`;
  const octets = encoder.encode(character);
  return Array.from(octets, (octet) => `\\${octet.toString(16).padStart(2, "0").toUpperCase()}`).join("");
}
