import { RANDOM_BYTES } from "./constants.ts";

/** Drawn from the system by the thousand: a call for each would cost more than the hello. */
const POOL_BYTES = 2_048 * RANDOM_BYTES;

let pool = new Uint8Array(0);
let left = 0;

/** 32 unforeseeable octets for ClientHello.random, never the same again. */
export function freshRandom(): Uint8Array {
  if (left === 0) {
    // Not the old one again: what was handed out is a view of it.
    pool = crypto.getRandomValues(new Uint8Array(POOL_BYTES));
    left = POOL_BYTES;
  }
  left -= RANDOM_BYTES;
  return pool.subarray(left, left + RANDOM_BYTES);
}
