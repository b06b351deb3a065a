/**
 * Addresses as they cross the boundary: 16 octets in network byte order, IPv4 held IPv4-mapped; on this side a bigint
 * in the same 128-bit space.
 *
 * @module
 */

/** Writes 16 octets at `offset`. */
export function writeAddress(view: DataView, offset: number, address: bigint): void {
  view.setBigUint64(offset, address >> 64n);
  view.setBigUint64(offset + 8, address & 0xffff_ffff_ffff_ffffn);
}

/** Reads 16 octets at `offset`. */
export function readAddress(view: DataView<ArrayBufferLike>, offset: number): bigint {
  const high = view.getBigUint64(offset);
  const low = view.getBigUint64(offset + 8);
  return high === 0n ? low : (high << 64n) | low;
}
