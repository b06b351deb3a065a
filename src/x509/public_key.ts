/**
 * The subject's public key (RFC 5280 4.1.2.7, RFC 3279, RFC 5480, RFC 8410, RFC 9881).
 *
 * @module
 */

import { DerError, type DerReader, Tag } from "./der.ts";
import { fingerprint } from "./fingerprint.ts";
import { integerBits, magnitude, readInteger } from "./integer.ts";
import type { Mutable } from "./mutable.ts";
import { readObjectIdentifier } from "./oid.ts";
import { POST_QUANTUM_KEYS } from "./post_quantum.ts";

/** Numbers, big-endian without leading zeros: views of the certificate's octets. */
export interface RsaNumbers {
  readonly modulus: Uint8Array;
  readonly exponent: Uint8Array;
}

/** A point, coordinates big-endian in the curve's length: views of the certificate's octets. */
export interface EcPoint {
  readonly x: Uint8Array;
  /** `null` if the point is compressed. */
  readonly y: Uint8Array | null;
}

/** Numbers, big-endian without leading zeros: views of the certificate's octets. */
export interface DsaNumbers {
  /** p, q and g; `null` if they are the issuer's. */
  readonly prime: Uint8Array | null;
  readonly subprime: Uint8Array | null;
  readonly generator: Uint8Array | null;
  /** y. */
  readonly value: Uint8Array;
}

/** A public key. Octets are views of the certificate's. */
export interface PublicKey {
  /** "RSA", "EC", "Ed25519", "ML-DSA-65", ..., a dotted object identifier, or `null` if that is unreadable. */
  readonly algorithm: string | null;
  /** Dotted object identifier of the algorithm. */
  readonly identifier: string | null;
  /**
   * Bits of the modulus (RSA), of the prime (DSA), of the curve, or of the whole key (post-quantum); `null` if not
   * known.
   */
  readonly bits: number | null;
  /** Named curve of an EC key ("P-256", "secp256k1"), or its dotted object identifier. */
  readonly curve: string | null;
  /** DER of the algorithm's parameters; `null` if there are none. */
  readonly parameters: Uint8Array | null;
  /** The key itself, the content of the BIT STRING: the whole of it for Ed25519, X25519, ML-DSA and their like. */
  readonly octets: Uint8Array | null;
  /** Of an RSA key. */
  readonly rsa: RsaNumbers | null;
  /** Of an EC key; `null` also if the octets are no point. */
  readonly point: EcPoint | null;
  /** Of a DSA key. */
  readonly dsa: DsaNumbers | null;
  /** The SubjectPublicKeyInfo. */
  readonly der: Uint8Array;
  /** SHA-256 of `der`, in hexadecimal. */
  readonly fingerprint: string;
}

interface KeyAlgorithm {
  readonly name: string;
  /** Bits and octets of the keys of an algorithm that has one size only. */
  readonly bits?: number;
  readonly keyLength?: number;
}

const KEY_ALGORITHMS: ReadonlyMap<string, KeyAlgorithm> = new Map<string, KeyAlgorithm>([
  ["1.2.840.113549.1.1.1", { name: "RSA" }],
  ["1.2.840.113549.1.1.7", { name: "RSAES-OAEP" }],
  ["1.2.840.113549.1.1.10", { name: "RSASSA-PSS" }],
  ["1.2.840.10045.2.1", { name: "EC" }],
  ["1.3.132.1.12", { name: "ECDH" }],
  ["1.2.840.10040.4.1", { name: "DSA" }],
  ["1.2.840.113549.1.3.1", { name: "DH" }],
  ["1.2.840.10046.2.1", { name: "X9.42 DH" }],
  ["1.2.643.2.2.19", { name: "GOST R 34.10-2001", bits: 256 }],
  ["1.2.643.7.1.1.1.1", { name: "GOST R 34.10-2012", bits: 256 }],
  ["1.2.643.7.1.1.1.2", { name: "GOST R 34.10-2012", bits: 512 }],
  ["1.3.101.110", { name: "X25519", bits: 255, keyLength: 32 }],
  ["1.3.101.111", { name: "X448", bits: 448, keyLength: 56 }],
  ["1.3.101.112", { name: "Ed25519", bits: 256, keyLength: 32 }],
  ["1.3.101.113", { name: "Ed448", bits: 456, keyLength: 57 }],
  ...POST_QUANTUM_KEYS.map(({ identifier, name, keyLength }) =>
    [identifier, { name, keyLength, bits: keyLength * 8 }] as const
  ),
]);

/** SEC 2, RFC 5639, GM/T 0003. */
const CURVES: ReadonlyMap<string, { readonly name: string; readonly bits: number }> = new Map([
  ["1.2.840.10045.3.1.1", { name: "P-192", bits: 192 }],
  ["1.3.132.0.33", { name: "P-224", bits: 224 }],
  ["1.2.840.10045.3.1.7", { name: "P-256", bits: 256 }],
  ["1.3.132.0.34", { name: "P-384", bits: 384 }],
  ["1.3.132.0.35", { name: "P-521", bits: 521 }],
  ["1.3.132.0.10", { name: "secp256k1", bits: 256 }],
  ["1.3.36.3.3.2.8.1.1.1", { name: "brainpoolP160r1", bits: 160 }],
  ["1.3.36.3.3.2.8.1.1.3", { name: "brainpoolP192r1", bits: 192 }],
  ["1.3.36.3.3.2.8.1.1.5", { name: "brainpoolP224r1", bits: 224 }],
  ["1.3.36.3.3.2.8.1.1.7", { name: "brainpoolP256r1", bits: 256 }],
  ["1.3.36.3.3.2.8.1.1.9", { name: "brainpoolP320r1", bits: 320 }],
  ["1.3.36.3.3.2.8.1.1.11", { name: "brainpoolP384r1", bits: 384 }],
  ["1.3.36.3.3.2.8.1.1.13", { name: "brainpoolP512r1", bits: 512 }],
  ["1.2.156.10197.1.301", { name: "SM2", bits: 256 }],
]);

/** First octet of a point (SEC 1 2.3.3). */
const PointForm = { compressedEven: 2, compressedOdd: 3, uncompressed: 4 } as const;

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
  const der = reader.bytes.subarray(reader.head, end);
  const key = emptyKey(der);
  owner.publicKey = key;
  reader.position = reader.start;

  const algorithmEnd = reader.enter(Tag.sequence, end);
  const identifier = readObjectIdentifier(reader, algorithmEnd);
  const algorithm = KEY_ALGORITHMS.get(identifier);
  key.identifier = identifier;
  key.algorithm = algorithm?.name ?? identifier;
  key.bits = algorithm?.bits ?? null;
  const parameters = reader.position;
  if (parameters < algorithmEnd) key.parameters = reader.bytes.subarray(parameters, algorithmEnd);
  if (key.algorithm === "EC" || key.algorithm === "ECDH") readCurve(reader, algorithmEnd, key);
  reader.position = algorithmEnd;

  reader.expect(Tag.bitString, end);
  if (reader.start === reader.end || reader.bytes[reader.start] !== 0) {
    throw new DerError(`key is not whole octets at octet ${reader.start}`);
  }
  const keyStart = reader.start + 1;
  const keyEnd = reader.end;
  key.octets = reader.bytes.subarray(keyStart, keyEnd);
  if (algorithm?.keyLength !== undefined && algorithm.keyLength !== keyEnd - keyStart) {
    reader.noteFlaw(`${key.algorithm} key of ${keyEnd - keyStart} octets at octet ${keyStart}`);
  }
  reader.position = keyStart;
  if (key.algorithm === "DSA") readDsaNumbers(reader, keyEnd, key, parameters, algorithmEnd);
  else readNumbers(reader, keyEnd, key, key.octets);
  reader.position = keyEnd;
  reader.finish(end);
}

/** Reads what `octets`, the key itself, hold, where the algorithm is one whose keys have a structure. */
function readNumbers(reader: DerReader, limit: number, key: Mutable<PublicKey>, octets: Uint8Array): void {
  switch (key.algorithm) {
    case "RSA":
    case "RSAES-OAEP":
    case "RSASSA-PSS":
      readRsaNumbers(reader, limit, key);
      break;
    case "EC":
    case "ECDH":
      key.point = pointOf(octets);
      if (key.point === null) reader.noteFlaw(`no point at octet ${reader.position}`);
  }
}

/** A key of which nothing has been read. */
function emptyKey(der: Uint8Array): Mutable<PublicKey> {
  return {
    algorithm: null,
    identifier: null,
    bits: null,
    curve: null,
    parameters: null,
    octets: null,
    rsa: null,
    point: null,
    dsa: null,
    der,
    fingerprint: fingerprint(der),
  };
}

/** ECParameters (RFC 5480 2.1.1); curves spelled out by their numbers have no name and stay without a size. */
function readCurve(reader: DerReader, limit: number, key: Mutable<PublicKey>): void {
  if (reader.peek(limit) !== Tag.objectIdentifier) return;
  const identifier = readObjectIdentifier(reader, limit);
  const curve = CURVES.get(identifier);
  key.curve = curve?.name ?? identifier;
  key.bits = curve?.bits ?? null;
}

/** RSAPublicKey (RFC 3279 2.3.1): modulus, public exponent. */
function readRsaNumbers(reader: DerReader, limit: number, key: Mutable<PublicKey>): void {
  const end = reader.enter(Tag.sequence, limit);
  const modulus = readNumber(reader, end);
  key.bits = integerBits(modulus, 0, modulus.length);
  key.rsa = { modulus, exponent: readNumber(reader, end) };
  reader.finish(end);
  reader.position = end;
  reader.finish(limit);
}

/** SEC 1 2.3.3; `null` if the octets are none of its forms. */
function pointOf(octets: Uint8Array): EcPoint | null {
  switch (octets[0]) {
    case PointForm.compressedEven:
    case PointForm.compressedOdd:
      return { x: octets.subarray(1), y: null };
    case PointForm.uncompressed: {
      const middle = (octets.length + 1) / 2;
      if (octets.length === 1 || !Number.isInteger(middle)) return null;
      return { x: octets.subarray(1, middle), y: octets.subarray(middle) };
    }
    default:
      return null;
  }
}

/** Dss-Parms (RFC 3279 2.3.2), which lie before the key and may be absent: then they are the issuer's. */
function readDsaNumbers(
  reader: DerReader,
  limit: number,
  key: Mutable<PublicKey>,
  parameters: number,
  parametersEnd: number,
): void {
  const dsa: Mutable<DsaNumbers> = {
    prime: null,
    subprime: null,
    generator: null,
    value: readNumber(reader, limit),
  };
  key.dsa = dsa;
  reader.finish(limit);
  reader.position = parameters;
  if (reader.peek(parametersEnd) !== Tag.sequence) return;
  const end = reader.enter(Tag.sequence, parametersEnd);
  dsa.prime = readNumber(reader, end);
  key.bits = integerBits(dsa.prime, 0, dsa.prime.length);
  dsa.subprime = readNumber(reader, end);
  dsa.generator = readNumber(reader, end);
  reader.finish(end);
}

/** A negative number has no place in a key: its octets are taken as they are, and it is a flaw. */
function readNumber(reader: DerReader, limit: number): Uint8Array {
  readInteger(reader, limit);
  if (reader.bytes[reader.start]! >= 0x80) reader.noteFlaw(`number negative at octet ${reader.start}`);
  return magnitude(reader.bytes, reader.start, reader.end);
}
