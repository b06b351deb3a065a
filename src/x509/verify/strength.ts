import type { PublicKey } from "../public_key.ts";

/** Bits below which keys have less than 112 bits of strength (NIST SP 800-57 part 1, table 2). */
const FACTORING_BITS_MIN = 2048;
const CURVE_BITS_MIN = 224;

/** Digests in which collisions can be made. */
const WEAK_HASHES: readonly string[] = ["MD2", "MD4", "MD5", "SHA-1"];

/** What makes a key weak, "RSA of 1024 bits"; `null` if nothing does, or its strength is not known. */
export function keyWeakness({ algorithm, bits, curve, rsa }: PublicKey): string | null {
  switch (algorithm) {
    case "RSA":
    case "RSASSA-PSS":
    case "RSAES-OAEP":
      // With an exponent of 1 whatever is signed is its own signature; an even one has no inverse.
      if (rsa !== null && (isOne(rsa.exponent) || (rsa.exponent.at(-1)! & 1) === 0)) {
        return `${algorithm} with a useless exponent`;
      }
      return bits !== null && bits < FACTORING_BITS_MIN ? `${algorithm} of ${bits} bits` : null;
    case "DSA":
      return bits !== null && bits < FACTORING_BITS_MIN ? `DSA of ${bits} bits` : null;
    case "EC":
    case "ECDH":
      return bits !== null && bits < CURVE_BITS_MIN ? `the curve ${curve}` : null;
    default:
      return null;
  }
}

/** Whether signatures over this digest can be forged by a collision. */
export function isWeakHash(hash: string | null): boolean {
  return hash !== null && WEAK_HASHES.includes(hash);
}

function isOne(number: Uint8Array): boolean {
  return number.length === 1 && number[0] === 1;
}
