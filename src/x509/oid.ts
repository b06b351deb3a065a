/**
 * Object identifiers as dotted text, cached by their octets: a scan meets the same few dozen millions of times.
 *
 * @module
 */

import { DerError, type DerReader, Tag } from "./der.ts";

/** A power of two. Each octet string has one slot, so the cache cannot grow and a collision costs only a decoding. */
const SLOT_COUNT = 1024;
/** Longer identifiers are not cached. */
const CACHED_LENGTH_MAX = 32;
/** Arcs of more octets are refused: 19 hold the 128-bit arcs of X.667, the longest in use. */
const ARC_OCTETS_MAX = 19;

interface Slot {
  readonly octets: Uint8Array;
  readonly text: string;
}

const slots = new Array<Slot | null>(SLOT_COUNT).fill(null);

/** Reads an OBJECT IDENTIFIER that must lie before `limit`, as "1.2.840.10045.2.1". */
export function readObjectIdentifier(reader: DerReader, limit: number): string {
  reader.expect(Tag.objectIdentifier, limit);
  return objectIdentifierText(reader);
}

/** The element read last, whatever its tag, as the content of an OBJECT IDENTIFIER. */
export function objectIdentifierText({ bytes, start, end }: DerReader): string {
  if (end - start > CACHED_LENGTH_MAX) return decode(bytes, start, end);

  let hash = 0;
  for (let index = start; index < end; index += 1) hash = Math.imul(hash ^ bytes[index]!, 0x9e3779b1) >>> 7;
  const slot = slots[hash & (SLOT_COUNT - 1)];
  if (slot && equalsAt(slot.octets, bytes, start, end)) return slot.text;

  const text = decode(bytes, start, end);
  slots[hash & (SLOT_COUNT - 1)] = { octets: bytes.slice(start, end), text };
  return text;
}

function equalsAt(octets: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (octets.length !== end - start) return false;
  for (let index = 0; index < octets.length; index += 1) {
    if (octets[index] !== bytes[start + index]) return false;
  }
  return true;
}

/** X.690 8.19: base-128 arcs, the first two of them folded into one. */
function decode(bytes: Uint8Array, start: number, end: number): string {
  if (start === end) throw new DerError(`object identifier empty at octet ${start}`);
  let text = "";
  for (let index = start; index < end;) {
    const first = index;
    if (bytes[first] === 0x80) throw new DerError(`object identifier arc not minimal at octet ${first}`);
    while (bytes[index]! >= 0x80) {
      index += 1;
      if (index === end) throw new DerError(`object identifier cut short at octet ${end}`);
      if (index - first === ARC_OCTETS_MAX) {
        throw new DerError(`object identifier arc too long at octet ${first}`);
      }
    }
    index += 1;
    const arc = decodeArc(bytes, first, index);
    if (first > start) text += `.${arc}`;
    else text = arc < 80n ? `${arc / 40n}.${arc % 40n}` : `2.${arc - 80n}`;
  }
  return text;
}

function decodeArc(bytes: Uint8Array, start: number, end: number): bigint {
  let arc = 0n;
  for (let index = start; index < end; index += 1) arc = arc << 7n | BigInt(bytes[index]! & 0x7f);
  return arc;
}
