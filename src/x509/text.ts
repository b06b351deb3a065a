/**
 * Octets to text. No encoding fails: what it cannot hold becomes U+FFFD.
 *
 * @module
 */

import { DerError, type DerReader, Tag } from "./der.ts";

/** How many character codes one call of `String.fromCharCode` takes: far below any engine's argument limit. */
const CHUNK_LENGTH = 4096;

const REPLACEMENT = 0xfffd;
const HEX_DIGITS = new TextEncoder().encode("0123456789abcdef");

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Text of character codes. To fill an array first is several times faster than to concatenate: strings stay flat. */
function fromCodes(codes: number[]): string {
  if (codes.length <= CHUNK_LENGTH) return String.fromCharCode.apply(null, codes);
  let text = "";
  for (let index = 0; index < codes.length; index += CHUNK_LENGTH) {
    text += String.fromCharCode.apply(null, codes.slice(index, index + CHUNK_LENGTH));
  }
  return text;
}

/** One character per octet (ISO 8859-1): ASCII stays ASCII, and no octet is lost. */
export function decodeLatin1(bytes: Uint8Array, start: number, end: number): string {
  const codes = new Array<number>(end - start);
  for (let index = start; index < end; index += 1) codes[index - start] = bytes[index]!;
  return fromCodes(codes);
}

/** Two lower-case hexadecimal digits per octet. */
export function encodeHex(bytes: Uint8Array, start: number, end: number): string {
  const codes = new Array<number>((end - start) * 2);
  for (let index = start, target = 0; index < end; index += 1, target += 2) {
    const octet = bytes[index]!;
    codes[target] = HEX_DIGITS[octet >> 4]!;
    codes[target + 1] = HEX_DIGITS[octet & 0x0f]!;
  }
  return fromCodes(codes);
}

function decodeUtf8(bytes: Uint8Array, start: number, end: number): string {
  for (let index = start; index < end; index += 1) {
    if (bytes[index]! >= 0x80) return utf8.decode(bytes.subarray(start, end));
  }
  return decodeLatin1(bytes, start, end);
}

/** BMPString is UCS-2, big-endian; surrogate pairs, which it should not hold, are taken as UTF-16. */
function decodeBmp(bytes: Uint8Array, start: number, end: number): string {
  const codes: number[] = [];
  let index = start;
  for (; index + 2 <= end; index += 2) codes.push(bytes[index]! * 256 + bytes[index + 1]!);
  if (index < end) codes.push(REPLACEMENT);
  return fromCodes(codes).toWellFormed();
}

/** UniversalString is UCS-4, big-endian. */
function decodeUniversal(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  let index = start;
  for (; index + 4 <= end; index += 4) {
    const point = bytes[index]! * 0x1000000 +
      (bytes[index + 1]! << 16 | bytes[index + 2]! << 8 | bytes[index + 3]!);
    text += String.fromCodePoint(point > 0x10ffff ? REPLACEMENT : point);
  }
  if (index < end) text += String.fromCodePoint(REPLACEMENT);
  return text.toWellFormed();
}

/**
 * Text of a string type's content, or `null` if `tag` is none of the string types. The 7-bit types and TeletexString
 * are read as ISO 8859-1, which is what issuers that stray from ASCII put there.
 */
export function decodeString(tag: number, bytes: Uint8Array, start: number, end: number): string | null {
  switch (tag) {
    case Tag.utf8String:
      return decodeUtf8(bytes, start, end);
    case Tag.printableString:
    case Tag.ia5String:
    case Tag.teletexString:
    case Tag.numericString:
    case Tag.visibleString:
      return decodeLatin1(bytes, start, end);
    case Tag.bmpString:
      return decodeBmp(bytes, start, end);
    case Tag.universalString:
      return decodeUniversal(bytes, start, end);
    default:
      return null;
  }
}

/** Reads an element of any string type that must lie before `limit`. */
export function readString(reader: DerReader, limit: number): string {
  const tag = reader.read(limit);
  const text = decodeString(tag, reader.bytes, reader.start, reader.end);
  if (text === null) throw new DerError(`tag ${tag} where text is expected at octet ${reader.head}`);
  return text;
}
