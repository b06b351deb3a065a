const RANDOM_BYTES = 32;

/** Random octets, drawn from the system by the thousand: one call each would cost more than the hello. */
const pool = new Uint8Array(65_536);
let left = 0;

/** 32 octets for ClientHello.random, never the same again. */
export function helloRandom(): Uint8Array {
  if (left < RANDOM_BYTES) {
    crypto.getRandomValues(pool);
    left = pool.length;
  }
  left -= RANDOM_BYTES;
  return pool.slice(left, left + RANDOM_BYTES);
}
