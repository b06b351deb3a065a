import { Buffer } from "node:buffer";
import { DerError, DerReader, Tag } from "./der.ts";
import { readObjectIdentifier } from "./oid.ts";

/** Identifier octet of the extensions inside TBSCertificate (context-specific). */
const EXTENSIONS_TAG = 0xa3;

/** Timestamps and poison (RFC 6962 3.3, 3.1). */
const TRANSPARENCY: ReadonlySet<string> = new Set(["1.3.6.1.4.1.11129.2.4.2", "1.3.6.1.4.1.11129.2.4.3"]);

/**
 * A TBSCertificate without its extensions of certificate transparency, encoded again; the very same octets if it has
 * none, `null` if its extensions can't be told apart. With no extension at all an empty list is encoded, which is
 * what zcrypto does: digests are there to be compared with those that others made.
 */
export function tbsWithoutTransparency(tbs: Uint8Array): Uint8Array | null {
  try {
    return encodeWithout(tbs);
  } catch (error) {
    if (error instanceof DerError) return null;
    throw error;
  }
}

function encodeWithout(tbs: Uint8Array): Uint8Array {
  const reader = new DerReader(tbs);
  const end = reader.enter(Tag.sequence, tbs.length);
  const start = reader.position;
  while (reader.position < end && reader.peek(end) !== EXTENSIONS_TAG) reader.read(end);
  const fields = tbs.subarray(start, reader.position);

  const kept: Uint8Array[] = [];
  let keptLength = 0;
  let isChanged = reader.position === end;
  if (reader.position < end) {
    const listEnd = reader.enter(Tag.sequence, reader.enter(EXTENSIONS_TAG, end));
    // Neighbours that stay are kept in one piece.
    let keptStart = reader.position;
    const keep = (keptEnd: number) => {
      kept.push(tbs.subarray(keptStart, keptEnd));
      keptLength += keptEnd - keptStart;
    };
    while (reader.position < listEnd) {
      const extensionStart = reader.position;
      const extensionEnd = reader.enter(Tag.sequence, listEnd);
      const isTransparency = TRANSPARENCY.has(readObjectIdentifier(reader, extensionEnd));
      reader.position = extensionEnd;
      if (!isTransparency) continue;
      isChanged = true;
      keep(extensionStart);
      keptStart = extensionEnd;
    }
    keep(listEnd);
  }
  if (!isChanged) return tbs;
  const list = header(Tag.sequence, keptLength);
  const extensions = header(EXTENSIONS_TAG, list.length + keptLength);
  const length = fields.length + extensions.length + list.length + keptLength;
  return Buffer.concat([header(Tag.sequence, length), fields, extensions, list, ...kept]);
}

/** Identifier and length octets of a DER element (X.690 8.1.2, 10.1). */
function header(tag: number, length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(tag, length);
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest & 0xff);
  return Uint8Array.of(tag, 0x80 | octets.length, ...octets);
}
