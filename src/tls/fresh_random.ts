import { RANDOM_BYTES } from "./constants.ts";

/** Drawn from the system by the thousand: a call for each would cost more than the hello. */
const pool = new Uint8Array(2_048 * RANDOM_BYTES);
let left = 0;

/** 32 unforeseeable octets for ClientHello.random, never the same again. */
export function freshRandom(): Uint8Array {
  if (left === 0) {
    crypto.getRandomValues(pool);
    left = pool.length;
  }
  left -= RANDOM_BYTES;
  return pool.slice(left, left + RANDOM_BYTES);
}
