import { base64, hexadecimal } from "../../text/mod.ts";
import type { PublicKey } from "../../x509/mod.ts";
import { CURVES } from "./curves.ts";

/** zcrypto's names for algorithms, by ours; of others it says that it does not know them. */
const ALGORITHM_NAMES: ReadonlyMap<string | null, string> = new Map([
  ["RSA", "RSA"],
  ["DSA", "DSA"],
  ["EC", "ECDSA"],
  ["Ed25519", "Ed25519"],
  ["X25519", "X25519"],
]);

const UNKNOWN = "unknown_algorithm";

/** A key as zcrypto's `x509.JSONSubjectKeyInfo`. */
export function subjectKeyFields(key: PublicKey): object {
  return {
    key_algorithm: { name: ALGORITHM_NAMES.get(key.algorithm) ?? UNKNOWN },
    rsa_public_key: rsaFields(key),
    dsa_public_key: dsaFields(key),
    ecdsa_public_key: ecdsaFields(key),
    fingerprint_sha256: key.fingerprint,
  };
}

/** Nothing for a key with an exponent above 2^53, which neither JSON's readers nor Go's numbers hold. */
function rsaFields({ algorithm, rsa }: PublicKey): object | undefined {
  if (algorithm !== "RSA" || rsa === null) return undefined;
  const exponent = Number(`0x${hexadecimal(rsa.exponent)}`);
  if (!Number.isSafeInteger(exponent)) return undefined;
  return {
    exponent,
    modulus: base64(rsa.modulus),
    length: rsa.modulus.length * 8,
  };
}

function dsaFields({ dsa }: PublicKey): object | undefined {
  if (dsa === null || dsa.prime === null || dsa.subprime === null || dsa.generator === null) return undefined;
  return {
    g: base64(dsa.generator),
    p: base64(dsa.prime),
    q: base64(dsa.subprime),
    y: base64(dsa.value),
  };
}

/** Of keys on curves that zcrypto does not know, and of compressed points, it tells nothing. */
function ecdsaFields({ algorithm, curve, point, octets }: PublicKey): object | undefined {
  const parameters = algorithm === "EC" && curve !== null ? CURVES.get(curve) : undefined;
  if (parameters === undefined || point === null || point.y === null || octets === null) return undefined;
  const { b, gx, gy, length, n, p } = parameters;
  return {
    b,
    curve,
    gx,
    gy,
    length,
    n,
    p,
    pub: base64(octets),
    x: base64(withoutLeadingZeros(point.x)),
    y: base64(withoutLeadingZeros(point.y)),
  };
}

/** As Go tells a number. */
function withoutLeadingZeros(octets: Uint8Array): Uint8Array {
  const first = octets.findIndex((octet) => octet !== 0);
  return first < 0 ? octets.subarray(octets.length) : octets.subarray(first);
}
