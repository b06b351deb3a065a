import { DerError, type DerReader, Tag } from "./der.ts";

/** How many bits the last octet of the BIT STRING read last, whatever its tag, leaves unused (X.690 8.6.2). */
export function unusedBits({ bytes, start, end }: DerReader): number {
  const count = start < end ? bytes[start]! : 8;
  if (count > 7 || (count > 0 && end - start === 1)) {
    throw new DerError(`bit string malformed at octet ${start}`);
  }
  return count;
}

/** The words of the bits that are set in the BIT STRING read last, whatever its tag: `words[0]` is its first bit. */
export function namedBits(reader: DerReader, words: readonly string[]): string[] {
  const { bytes, start, end } = reader;
  const bitCount = (end - start - 1) * 8 - unusedBits(reader);
  const names: string[] = [];
  for (let bit = 0; bit < Math.min(bitCount, words.length); bit += 1) {
    if (bytes[start + 1 + (bit >> 3)]! & 0x80 >> (bit & 7)) names.push(words[bit]!);
  }
  return names;
}

/** Reads a BIT STRING that must lie before `limit` as the words of the bits that are set. */
export function readNamedBits(reader: DerReader, limit: number, words: readonly string[]): string[] {
  reader.expect(Tag.bitString, limit);
  return namedBits(reader, words);
}
