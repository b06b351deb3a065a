/**
 * The subject's public key (RFC 5280 4.1.2.7, RFC 3279, RFC 5480, RFC 8410).
 *
 * @module
 */

import { DerError, type DerReader, Tag } from "./der.ts";
import { fingerprint } from "./fingerprint.ts";
import { integerBits, readInteger } from "./integer.ts";
import type { Mutable } from "./mutable.ts";
import { readObjectIdentifier } from "./oid.ts";

/** Kind and size of a public key. */
export interface PublicKey {
  /** "RSA", "EC", "Ed25519", "Ed448", "DSA", ..., a dotted object identifier, or `null` if that is unreadable. */
  readonly algorithm: string | null;
  /** Bits of the modulus (RSA), of the prime (DSA) or of the curve; `null` if not known. */
  readonly bits: number | null;
  /** Named curve of an EC key ("P-256", "secp256k1"), or its dotted object identifier. */
  readonly curve: string | null;
  /** SHA-256 of the whole SubjectPublicKeyInfo, in hexadecimal. */
  readonly fingerprint: string;
}

interface KeyAlgorithm {
  readonly name: string;
  /** Bits of the keys of an algorithm that has one size only. */
  readonly bits?: number;
}

const KEY_ALGORITHMS: ReadonlyMap<string, KeyAlgorithm> = new Map<string, KeyAlgorithm>([
  ["1.2.840.113549.1.1.1", { name: "RSA" }],
  ["1.2.840.113549.1.1.10", { name: "RSASSA-PSS" }],
  ["1.2.840.10045.2.1", { name: "EC" }],
  ["1.2.840.10040.4.1", { name: "DSA" }],
  ["1.3.101.110", { name: "X25519", bits: 255 }],
  ["1.3.101.111", { name: "X448", bits: 448 }],
  ["1.3.101.112", { name: "Ed25519", bits: 256 }],
  ["1.3.101.113", { name: "Ed448", bits: 456 }],
  ["2.16.840.1.101.3.4.3.17", { name: "ML-DSA-44" }],
  ["2.16.840.1.101.3.4.3.18", { name: "ML-DSA-65" }],
  ["2.16.840.1.101.3.4.3.19", { name: "ML-DSA-87" }],
]);

const CURVES: ReadonlyMap<string, { readonly name: string; readonly bits: number }> = new Map([
  ["1.2.840.10045.3.1.1", { name: "P-192", bits: 192 }],
  ["1.3.132.0.33", { name: "P-224", bits: 224 }],
  ["1.2.840.10045.3.1.7", { name: "P-256", bits: 256 }],
  ["1.3.132.0.34", { name: "P-384", bits: 384 }],
  ["1.3.132.0.35", { name: "P-521", bits: 521 }],
  ["1.3.132.0.10", { name: "secp256k1", bits: 256 }],
  ["1.3.36.3.3.2.8.1.1.7", { name: "brainpoolP256r1", bits: 256 }],
  ["1.3.36.3.3.2.8.1.1.11", { name: "brainpoolP384r1", bits: 384 }],
  ["1.3.36.3.3.2.8.1.1.13", { name: "brainpoolP512r1", bits: 512 }],
  ["1.2.156.10197.1.301", { name: "SM2", bits: 256 }],
]);

/**
 * Reads a SubjectPublicKeyInfo that must lie before `limit` into `owner`, which keeps what was read when the rest is
 * broken.
 */
export function readPublicKey(
  reader: DerReader,
  limit: number,
  owner: { publicKey: PublicKey | null },
): void {
  // Not `enter`: a key that is cut short has no fingerprint.
  reader.expect(Tag.sequence, limit);
  const end = reader.end;
  const octets = reader.bytes.subarray(reader.head, end);
  const key: Mutable<PublicKey> = {
    algorithm: null,
    bits: null,
    curve: null,
    fingerprint: fingerprint(octets),
  };
  owner.publicKey = key;
  reader.position = reader.start;

  const algorithmEnd = reader.enter(Tag.sequence, end);
  const identifier = readObjectIdentifier(reader, algorithmEnd);
  const algorithm = KEY_ALGORITHMS.get(identifier);
  key.algorithm = algorithm?.name ?? identifier;
  key.bits = algorithm?.bits ?? null;
  if (key.algorithm === "EC") readCurve(reader, algorithmEnd, key);
  else if (key.algorithm === "DSA") readDsaPrime(reader, algorithmEnd, key);
  reader.position = algorithmEnd;

  reader.expect(Tag.bitString, end);
  const keyEnd = reader.end;
  if (reader.start === keyEnd || reader.bytes[reader.start] !== 0) {
    throw new DerError(`key is not whole octets at octet ${reader.start}`);
  }
  if (key.algorithm === "RSA" || key.algorithm === "RSASSA-PSS") {
    reader.position = reader.start + 1;
    readRsaModulus(reader, keyEnd, key);
    reader.position = keyEnd;
  }
  reader.finish(end);
}

/** ECParameters (RFC 5480 2.1.1); curves spelled out by their numbers have no name and stay without a size. */
function readCurve(reader: DerReader, limit: number, key: Mutable<PublicKey>): void {
  if (reader.peek(limit) !== Tag.objectIdentifier) return;
  const identifier = readObjectIdentifier(reader, limit);
  const curve = CURVES.get(identifier);
  key.curve = curve?.name ?? identifier;
  key.bits = curve?.bits ?? null;
}

/** Dss-Parms (RFC 3279 2.3.2), which may be absent: then they are the issuer's. */
function readDsaPrime(reader: DerReader, limit: number, key: Mutable<PublicKey>): void {
  if (reader.peek(limit) !== Tag.sequence) return;
  const end = reader.enter(Tag.sequence, limit);
  readInteger(reader, end);
  key.bits = integerBits(reader.bytes, reader.start, reader.end);
}

/** RSAPublicKey (RFC 3279 2.3.1): modulus, public exponent. */
function readRsaModulus(reader: DerReader, limit: number, key: Mutable<PublicKey>): void {
  const end = reader.enter(Tag.sequence, limit);
  readInteger(reader, end);
  key.bits = integerBits(reader.bytes, reader.start, reader.end);
  readInteger(reader, end);
  reader.finish(end);
  reader.position = end;
  reader.finish(limit);
}
