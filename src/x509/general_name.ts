/**
 * General names (RFC 5280 4.2.1.6), as in the alternative names, and their subtrees (4.2.1.10).
 *
 * @module
 */

import { formatAddress } from "./address.ts";
import { DerError, type DerReader, Tag } from "./der.ts";
import { type DistinguishedName, emptyName, readName } from "./name.ts";
import { objectIdentifierText, readObjectIdentifier } from "./oid.ts";
import { decodeLatin1, readString } from "./text.ts";

/** A name kept as it came. */
export interface RawGeneralName {
  /** RFC 5280's word for it; "unknown" for a tag that it doesn't define. */
  readonly kind: string;
  /** The whole element: a view of the certificate's octets. */
  readonly der: Uint8Array;
}

/** A name of a kind defined elsewhere, such as Microsoft's user principal name. */
export interface OtherName {
  /** Dotted object identifier of the kind. */
  readonly identifier: string;
  /** DER of the value: a view of the certificate's octets. */
  readonly value: Uint8Array;
}

/** A party of electronic data interchange. */
export interface EdiPartyName {
  readonly assigner: string | null;
  readonly party: string;
}

/** Names by kind, each kind in the certificate's order, with the certificate's spelling. */
interface NamesByKind {
  readonly dns: readonly string[];
  readonly uri: readonly string[];
  readonly mail: readonly string[];
  readonly directory: readonly DistinguishedName[];
  /** Dotted object identifiers. */
  readonly registered: readonly string[];
  readonly otherNames: readonly OtherName[];
  readonly ediParties: readonly EdiPartyName[];
  /**
   * Raw, every name that is none of `dns`, `ip`, `uri` and `mail`: those of `directory`, `registered`, `otherNames`
   * and `ediParties` again, X.400 addresses, and what could not be read.
   */
  readonly other: readonly RawGeneralName[];
}

/** General names by kind. */
export interface GeneralNames extends NamesByKind {
  /**
   * Addresses in canonical text: dotted quad, or RFC 5952 for IPv6; those of neither 4 nor 16 octets are in
   * `other`.
   */
  readonly ip: readonly string[];
}

/** A range of addresses. Octets are views of the certificate's, 4 or 16 of them each. */
export interface AddressRange {
  /** "192.0.2.0/24"; with a mask that is no prefix, "192.0.2.0/255.0.255.0". */
  readonly text: string;
  readonly address: Uint8Array;
  readonly mask: Uint8Array;
}

/** Bases of name constraints by kind: names, and all that is below them. */
export interface NameSubtrees extends NamesByKind {
  /** Those of neither 8 nor 32 octets are in `other`. */
  readonly ip: readonly AddressRange[];
}

type Lists<Names> = {
  readonly [Kind in keyof Names]: Names[Kind] extends readonly (infer Name)[] ? Name[] : never;
};

/** General names that a parser still adds to. */
export type GeneralNameLists = Lists<GeneralNames>;
/** Subtrees that a parser still adds to. */
export type NameSubtreeLists = Lists<NameSubtrees>;

/** Identifier octets (context-specific). */
const NameTag = {
  otherName: 0xa0,
  mail: 0x81,
  dns: 0x82,
  directory: 0xa4,
  ediParty: 0xa5,
  uri: 0x86,
  ip: 0x87,
  registered: 0x88,
} as const;

/** Identifier octets inside EDIPartyName, whose fields are of a CHOICE and therefore explicit. */
const EdiTag = { assigner: 0xa0, party: 0xa1 } as const;

const RAW_KINDS: ReadonlyMap<number, string> = new Map([
  [NameTag.otherName, "otherName"],
  [0xa3, "x400Address"],
  [NameTag.directory, "directoryName"],
  [NameTag.ediParty, "ediPartyName"],
  [NameTag.ip, "iPAddress"],
  [NameTag.registered, "registeredID"],
]);

function emptyLists() {
  return {
    dns: [],
    ip: [],
    uri: [],
    mail: [],
    directory: [],
    registered: [],
    otherNames: [],
    ediParties: [],
    other: [],
  };
}

/** Names to be filled in by {@linkcode readGeneralNames}. */
export function emptyGeneralNames(): GeneralNameLists {
  return emptyLists();
}

/** Subtrees to be filled in by {@linkcode readNameSubtree}. */
export function emptyNameSubtrees(): NameSubtreeLists {
  return emptyLists();
}

/** Reads GeneralNames that start before `limit`; `names` keeps what was read when the rest is broken. */
export function readGeneralNames(reader: DerReader, limit: number, names: GeneralNameLists): void {
  readGeneralNameList(reader, reader.enter(Tag.sequence, limit), names);
}

/** Reads the names between the reader's position and `end`, the content of GeneralNames. */
export function readGeneralNameList(reader: DerReader, end: number, names: GeneralNameLists): void {
  while (reader.position < end) readGeneralName(reader, end, names);
}

/** Reads one GeneralName that must lie before `limit`. */
export function readGeneralName(reader: DerReader, limit: number, names: GeneralNameLists): void {
  if (reader.read(limit) !== NameTag.ip) {
    readKind(reader, names);
    return;
  }
  const address = formatAddress(reader.bytes, reader.start, reader.end);
  if (address === null) keepOddAddress(reader, names);
  else names.ip.push(address);
}

/** Reads the base of a GeneralSubtree, a GeneralName that must lie before `limit`. */
export function readNameSubtree(reader: DerReader, limit: number, subtrees: NameSubtreeLists): void {
  if (reader.read(limit) !== NameTag.ip) {
    readKind(reader, subtrees);
    return;
  }
  const range = addressRange(reader);
  if (range === null) keepOddAddress(reader, subtrees);
  else subtrees.ip.push(range);
}

/** Reads the name whose header was read last, of any kind but `ip`. */
function readKind(reader: DerReader, names: Lists<NamesByKind>): void {
  const { bytes, tag, start, end } = reader;
  switch (tag) {
    case NameTag.dns:
      names.dns.push(decodeLatin1(bytes, start, end));
      return;
    case NameTag.mail:
      names.mail.push(decodeLatin1(bytes, start, end));
      return;
    case NameTag.uri:
      names.uri.push(decodeLatin1(bytes, start, end));
      return;
  }
  keepRaw(reader, names);
  // What is wrong inside one name leaves the names behind it readable.
  try {
    readStructure(reader, tag, start, end, names);
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    reader.noteFlaw(error.message);
  }
  reader.position = end;
}

/** Reads the content of a name that has a structure of its own. */
function readStructure(
  reader: DerReader,
  tag: number,
  start: number,
  end: number,
  names: Lists<NamesByKind>,
): void {
  reader.position = start;
  switch (tag) {
    case NameTag.directory: {
      const name = emptyName();
      readName(reader, end, name);
      names.directory.push(name);
      break;
    }
    case NameTag.registered:
      names.registered.push(objectIdentifierText(reader));
      return;
    case NameTag.otherName:
      names.otherNames.push(readOtherName(reader, end));
      break;
    case NameTag.ediParty:
      names.ediParties.push(readEdiParty(reader, end));
      break;
    default:
      return;
  }
  reader.finish(end);
}

function readOtherName(reader: DerReader, limit: number): OtherName {
  const identifier = readObjectIdentifier(reader, limit);
  const end = reader.enter(0xa0, limit);
  const value = reader.bytes.subarray(reader.position, end);
  reader.position = end;
  return { identifier, value };
}

function readEdiParty(reader: DerReader, limit: number): EdiPartyName {
  let assigner: string | null = null;
  if (reader.peek(limit) === EdiTag.assigner) {
    assigner = readString(reader, reader.enter(EdiTag.assigner, limit));
  }
  return { assigner, party: readString(reader, reader.enter(EdiTag.party, limit)) };
}

function addressRange({ bytes, start, end }: DerReader): AddressRange | null {
  const middle = (start + end) / 2;
  const addressText = end - start === 8 || end - start === 32 ? formatAddress(bytes, start, middle) : null;
  if (addressText === null) return null;
  const mask = bytes.subarray(middle, end);
  const text = `${addressText}/${prefixLength(mask) ?? formatAddress(bytes, middle, end)}`;
  return { text, address: bytes.subarray(start, middle), mask };
}

/** How many bits lead a mask whose other bits are all zero; `null` if it is not of that form. */
function prefixLength(mask: Uint8Array): number | null {
  const bits = Array.from(mask, (octet) => octet.toString(2).padStart(8, "0")).join("");
  const length = bits.lastIndexOf("1") + 1;
  return bits.indexOf("0") < length && bits.includes("0") ? null : length;
}

function keepOddAddress(reader: DerReader, names: Lists<NamesByKind>): void {
  reader.noteFlaw(`address of ${reader.end - reader.start} octets at octet ${reader.start}`);
  keepRaw(reader, names);
}

function keepRaw(reader: DerReader, names: Lists<NamesByKind>): void {
  const kind = RAW_KINDS.get(reader.tag);
  if (kind === undefined) reader.noteFlaw(`tag ${reader.tag} is no general name at octet ${reader.head}`);
  names.other.push({ kind: kind ?? "unknown", der: reader.bytes.subarray(reader.head, reader.end) });
}
