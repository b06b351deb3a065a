/**
 * General names (RFC 5280 4.2.1.6), as in the subject alternative name.
 *
 * @module
 */

import { type DerReader, Tag } from "./der.ts";
import { formatAddress } from "./address.ts";
import { decodeLatin1, encodeHex } from "./text.ts";

/** A name kept as it came. */
export interface RawGeneralName {
  /** RFC 5280's word for it; "unknown" for a tag that it doesn't define. */
  readonly kind: string;
  /** The whole element, in hexadecimal. */
  readonly der: string;
}

/** General names by kind, each kind in the certificate's order, with the certificate's spelling. */
export interface GeneralNames {
  readonly dns: readonly string[];
  /** Addresses in canonical text: dotted quad, or RFC 5952 for IPv6. */
  readonly ip: readonly string[];
  readonly uri: readonly string[];
  readonly mail: readonly string[];
  /** The other kinds, and addresses that are neither 4 nor 16 octets long. */
  readonly other: readonly RawGeneralName[];
}

/** General names that a parser still adds to. */
export interface GeneralNameLists {
  dns: string[];
  ip: string[];
  uri: string[];
  mail: string[];
  other: RawGeneralName[];
}

/** Identifier octets of the kinds that are read (context-specific, primitive). */
const NameTag = { mail: 0x81, dns: 0x82, uri: 0x86, ip: 0x87 } as const;

const RAW_KINDS: ReadonlyMap<number, string> = new Map([
  [0xa0, "otherName"],
  [0xa3, "x400Address"],
  [0xa4, "directoryName"],
  [0xa5, "ediPartyName"],
  [0x87, "iPAddress"],
  [0x88, "registeredID"],
]);

/** Names to be filled in by {@linkcode readGeneralNames}. */
export function emptyGeneralNames(): GeneralNameLists {
  return { dns: [], ip: [], uri: [], mail: [], other: [] };
}

/** Reads GeneralNames that start before `limit`; `names` keeps what was read when the rest is broken. */
export function readGeneralNames(reader: DerReader, limit: number, names: GeneralNameLists): void {
  readGeneralNameList(reader, reader.enter(Tag.sequence, limit), names);
}

/** Reads the names between the reader's position and `end`, the content of GeneralNames. */
export function readGeneralNameList(reader: DerReader, end: number, names: GeneralNameLists): void {
  while (reader.position < end) readGeneralName(reader, end, names);
}

function readGeneralName(reader: DerReader, limit: number, names: GeneralNameLists): void {
  const tag = reader.read(limit);
  const { bytes, start, end } = reader;
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
    case NameTag.ip: {
      const address = formatAddress(bytes, start, end);
      if (address !== null) {
        names.ip.push(address);
        return;
      }
      reader.noteFlaw(`address of ${end - start} octets at octet ${start}`);
    }
  }
  const kind = RAW_KINDS.get(tag);
  if (kind === undefined) reader.noteFlaw(`tag ${tag} is no general name at octet ${reader.head}`);
  names.other.push({ kind: kind ?? "unknown", der: encodeHex(bytes, reader.head, end) });
}
