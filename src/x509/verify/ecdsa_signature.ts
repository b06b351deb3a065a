import { DerError, DerReader, Tag } from "../der.ts";
import { magnitude, readInteger } from "../integer.ts";

/**
 * An ECDSA signature as Web Crypto wants it, r and s in `numberLength` octets each, from the DER that certificates hold
 * (Ecdsa-Sig-Value, RFC 5480 appendix A); `null` if the octets are none, or their numbers too long for the curve.
 */
export function fixedLengthSignature(
  der: Uint8Array,
  numberLength: number,
): Uint8Array<ArrayBuffer> | null {
  const numbers = readNumbers(der);
  if (numbers === null || numbers.some((number) => number.length > numberLength)) return null;
  const fixed = new Uint8Array(2 * numberLength);
  for (const [index, number] of numbers.entries()) {
    fixed.set(number, (index + 1) * numberLength - number.length);
  }
  return fixed;
}

function readNumbers(der: Uint8Array): readonly Uint8Array[] | null {
  const reader = new DerReader(der);
  try {
    const end = reader.enter(Tag.sequence, der.length);
    const numbers = [readNumber(reader, end), readNumber(reader, end)];
    return reader.position === der.length && reader.takeFlaw() === null ? numbers : null;
  } catch (error) {
    if (error instanceof DerError) return null;
    throw error;
  }
}

function readNumber(reader: DerReader, limit: number): Uint8Array {
  readInteger(reader, limit);
  return magnitude(reader.bytes, reader.start, reader.end);
}
