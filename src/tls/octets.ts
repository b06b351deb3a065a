/**
 * Numbers and vectors of the wire format, written and read: big-endian, as everything in TLS is (RFC 5246, 4).
 *
 * @module
 */

import { takeOctets } from "./octet_pool.ts";

/** 16 bits. */
export function uint16(value: number): number[] {
  return [value >> 8, value & 0xff];
}

/** The values as a vector with a length of 16 bits, such as `supported_groups` is. */
export function uint16List(values: Iterable<number>): number[] {
  return vector16(Array.from(values, uint16).flat());
}

/** The octets as a vector with a length of 16 bits. */
export function vector16(octets: Uint8Array | readonly number[]): number[] {
  return [...uint16(octets.length), ...octets];
}

/** 16 bits at `offset`; octets beyond the end count as zeros. */
export function uint16At(bytes: Uint8Array, offset: number): number {
  return bytes[offset]! << 8 | bytes[offset + 1]!;
}

/** 24 bits at `offset`; octets beyond the end count as zeros. */
export function uint24At(bytes: Uint8Array, offset: number): number {
  return bytes[offset]! << 16 | uint16At(bytes, offset + 1);
}

/** The parts one behind the other, as a copy. */
export function concatenate(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = takeOctets(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
