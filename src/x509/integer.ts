/**
 * INTEGER (X.690 8.3): two's complement, big-endian, of any length.
 *
 * @module
 */

import { DerError, type DerReader, Tag } from "./der.ts";
import { encodeHex } from "./text.ts";

/** Reads an INTEGER that must lie before `limit` and leaves its content between the reader's `start` and `end`. */
export function readInteger(reader: DerReader, limit: number): void {
  reader.expect(Tag.integer, limit);
  checkInteger(reader);
}

/** Checks the element read last, whatever its tag, as the content of an INTEGER. */
export function checkInteger(reader: DerReader): void {
  const { bytes, start, end } = reader;
  if (start === end) throw new DerError(`integer empty at octet ${start}`);
  if (end - start === 1) return;
  const leading = bytes[start]!;
  const next = bytes[start + 1]!;
  if (leading === 0x00 && next < 0x80 || leading === 0xff && next >= 0x80) {
    reader.noteFlaw(`integer not minimal at octet ${start}`);
  }
}

/** Value of a non-negative INTEGER of at most 31 bits, or `null` if it is none. */
export function smallInteger(bytes: Uint8Array, start: number, end: number): number | null {
  if (bytes[start]! >= 0x80) return null;
  if (integerBits(bytes, start, end) > 31) return null;
  let value = 0;
  for (let index = start; index < end; index += 1) value = value << 8 | bytes[index]!;
  return value;
}

/** Value of an INTEGER of at most 32 bits with its sign, or `null` if it is longer. */
export function signedInteger(bytes: Uint8Array, start: number, end: number): number | null {
  if (end - start > 4) return null;
  let value = bytes[start]! >= 0x80 ? -1 : 0;
  for (let index = start; index < end; index += 1) value = value << 8 | bytes[index]!;
  return value;
}

/** Octets of a non-negative INTEGER without leading zeros: a view; of zero, one octet. */
export function magnitude(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return bytes.subarray(significantStart(bytes, start, end), end);
}

/** Bits of a non-negative INTEGER without its leading zeros; 0 for zero. */
export function integerBits(bytes: Uint8Array, start: number, end: number): number {
  const first = significantStart(bytes, start, end);
  return (end - first) * 8 - (Math.clz32(bytes[first]!) - 24);
}

/** Where leading zeros end, the last octet always left. */
function significantStart(bytes: Uint8Array, start: number, end: number): number {
  let first = start;
  while (first < end - 1 && bytes[first] === 0) first += 1;
  return first;
}

/**
 * Lower-case hexadecimal of an INTEGER's value, whole octets without leading zero octets, "-" in front of the
 * magnitude of a negative one: "00", "0a1b", "-81".
 */
export function integerHex(bytes: Uint8Array, start: number, end: number): string {
  if (bytes[start]! >= 0x80) return `-${magnitudeHex(bytes.slice(start, end))}`;
  return encodeHex(bytes, significantStart(bytes, start, end), end);
}

/** Hexadecimal of the two's complement of `octets`, which are changed in place. */
function magnitudeHex(octets: Uint8Array): string {
  let carry = 1;
  for (let index = octets.length - 1; index >= 0; index -= 1) {
    const sum = (octets[index]! ^ 0xff) + carry;
    octets[index] = sum;
    carry = sum >> 8;
  }
  return encodeHex(octets, significantStart(octets, 0, octets.length), octets.length);
}
