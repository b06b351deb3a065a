/** In octets. What one piece is wanted for keeps all of its buffer, so that this is little. */
const BUFFER_BYTES = 16_384;

/** In octets: longer pieces get a buffer of their own. */
const PIECE_BYTES_MAX = 4_096;

let buffer = new Uint8Array(0);
let used = 0;

/**
 * Zeros that nobody else has, for what a capture keeps while it lasts: pieces of a common buffer, as one of its own for
 * each costs three times as much.
 */
export function takeOctets(size: number): Uint8Array<ArrayBuffer> {
  if (size > PIECE_BYTES_MAX) return new Uint8Array(size);
  if (used + size > buffer.length) {
    buffer = new Uint8Array(BUFFER_BYTES);
    used = 0;
  }
  used += size;
  return buffer.subarray(used - size, used);
}
