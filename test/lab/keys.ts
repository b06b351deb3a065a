/** A kind of key that certificates are for. */
export type KeyKind = "rsa" | "p256" | "p384";

const ALGORITHMS = {
  rsa: {
    name: "RSASSA-PKCS1-v1_5",
    modulusLength: 2048,
    publicExponent: Uint8Array.of(1, 0, 1),
    hash: "SHA-256",
  },
  p256: { name: "ECDSA", namedCurve: "P-256" },
  p384: { name: "ECDSA", namedCurve: "P-384" },
} as const satisfies Record<KeyKind, RsaHashedKeyGenParams | EcKeyGenParams>;

/** Makes a key to sign with: RSA of 2048 bits, which takes about a tenth of a second, or ECDSA. */
export async function generateKeys(kind: KeyKind): Promise<CryptoKeyPair> {
  // The union of two overloads is none of them.
  const algorithm: RsaHashedKeyGenParams | EcKeyGenParams = ALGORITHMS[kind];
  return await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}
