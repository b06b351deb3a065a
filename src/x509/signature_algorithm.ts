/**
 * Algorithms of signatures (RFC 5280 4.1.1.2).
 *
 * @module
 */

import { type DerReader, Tag } from "./der.ts";
import { hashName } from "./hash_name.ts";
import { readInteger, smallInteger } from "./integer.ts";
import type { Mutable } from "./mutable.ts";
import { readObjectIdentifier } from "./oid.ts";
import { POST_QUANTUM_SIGNATURES } from "./post_quantum.ts";

/** How a certificate was signed. */
export interface SignatureAlgorithm {
  /** Dotted object identifier. */
  readonly identifier: string;
  /** Usual name ("sha256WithRSAEncryption", "ecdsa-with-SHA256", "Ed25519"), or the identifier. */
  readonly name: string;
  /**
   * What the certificate is hashed with ("SHA-256", "MD5"); `null` if that is not known, or the signature's own
   * affair.
   */
  readonly hash: string | null;
  /** Of RSASSA-PSS: the hash of its mask generation, and how many octets of salt. */
  readonly maskHash: string | null;
  readonly saltLength: number | null;
  /** DER of the parameters, mostly NULL or `null`: a view of the certificate's octets. */
  readonly parameters: Uint8Array | null;
}

type NameAndHash = readonly [name: string, hash: string | null];

const RSASSA_PSS = "1.2.840.113549.1.1.10";

/** By identifier: RFC 3279, 4055, 5758, 8410, 8692, 9881, 9909; GOST by RFC 9215; SM2 by GM/T 0006. */
const SIGNATURE_ALGORITHMS: ReadonlyMap<string, NameAndHash> = new Map<string, NameAndHash>([
  ["1.2.840.113549.1.1.2", ["md2WithRSAEncryption", "MD2"]],
  ["1.2.840.113549.1.1.3", ["md4WithRSAEncryption", "MD4"]],
  ["1.2.840.113549.1.1.4", ["md5WithRSAEncryption", "MD5"]],
  ["1.2.840.113549.1.1.5", ["sha1WithRSAEncryption", "SHA-1"]],
  ["1.3.14.3.2.29", ["sha1WithRSASignature", "SHA-1"]],
  [RSASSA_PSS, ["RSASSA-PSS", "SHA-1"]],
  ["1.2.840.113549.1.1.11", ["sha256WithRSAEncryption", "SHA-256"]],
  ["1.2.840.113549.1.1.12", ["sha384WithRSAEncryption", "SHA-384"]],
  ["1.2.840.113549.1.1.13", ["sha512WithRSAEncryption", "SHA-512"]],
  ["1.2.840.113549.1.1.14", ["sha224WithRSAEncryption", "SHA-224"]],
  ["1.2.840.10045.4.1", ["ecdsa-with-SHA1", "SHA-1"]],
  ["1.2.840.10045.4.3.1", ["ecdsa-with-SHA224", "SHA-224"]],
  ["1.2.840.10045.4.3.2", ["ecdsa-with-SHA256", "SHA-256"]],
  ["1.2.840.10045.4.3.3", ["ecdsa-with-SHA384", "SHA-384"]],
  ["1.2.840.10045.4.3.4", ["ecdsa-with-SHA512", "SHA-512"]],
  ["1.2.840.10040.4.3", ["dsa-with-SHA1", "SHA-1"]],
  ["1.3.14.3.2.27", ["dsaWithSHA1", "SHA-1"]],
  ["2.16.840.1.101.3.4.3.1", ["dsa-with-SHA224", "SHA-224"]],
  ["2.16.840.1.101.3.4.3.2", ["dsa-with-SHA256", "SHA-256"]],
  ["2.16.840.1.101.3.4.3.3", ["dsa-with-SHA384", "SHA-384"]],
  ["2.16.840.1.101.3.4.3.4", ["dsa-with-SHA512", "SHA-512"]],
  ["2.16.840.1.101.3.4.3.10", ["ecdsa-with-SHA3-256", "SHA3-256"]],
  ["2.16.840.1.101.3.4.3.11", ["ecdsa-with-SHA3-384", "SHA3-384"]],
  ["2.16.840.1.101.3.4.3.12", ["ecdsa-with-SHA3-512", "SHA3-512"]],
  ["2.16.840.1.101.3.4.3.14", ["rsassa-pkcs1-v1_5-with-SHA3-256", "SHA3-256"]],
  ["2.16.840.1.101.3.4.3.15", ["rsassa-pkcs1-v1_5-with-SHA3-384", "SHA3-384"]],
  ["2.16.840.1.101.3.4.3.16", ["rsassa-pkcs1-v1_5-with-SHA3-512", "SHA3-512"]],
  ["1.2.643.2.2.3", ["GOST R 34.10-2001", "GOST R 34.11-94"]],
  ["1.2.643.7.1.1.3.2", ["GOST R 34.10-2012 with 256 bits", "GOST R 34.11-2012 with 256 bits"]],
  ["1.2.643.7.1.1.3.3", ["GOST R 34.10-2012 with 512 bits", "GOST R 34.11-2012 with 512 bits"]],
  ["1.2.156.10197.1.501", ["SM2-with-SM3", "SM3"]],
  ["1.3.101.112", ["Ed25519", null]],
  ["1.3.101.113", ["Ed448", null]],
  ...POST_QUANTUM_SIGNATURES.map(({ identifier, name }) =>
    [identifier, [name, null]] as [string, NameAndHash]
  ),
]);

/** Identifier octets inside RSASSA-PSS-params (context-specific, explicit; RFC 4055 3.1). */
const PssTag = { hash: 0xa0, maskGeneration: 0xa1, saltLength: 0xa2 } as const;

/** What RFC 4055 3.1 has parameters that are left out mean. */
const PSS_DEFAULTS = { hash: "SHA-1", maskHash: "SHA-1", saltLength: 20 } as const;

/** Reads the AlgorithmIdentifier of a signature. */
export function readSignatureAlgorithm(reader: DerReader, limit: number): SignatureAlgorithm {
  const end = reader.enter(Tag.sequence, limit);
  const identifier = readObjectIdentifier(reader, end);
  const [name, hash] = SIGNATURE_ALGORITHMS.get(identifier) ?? [identifier, null];
  const algorithm: Mutable<SignatureAlgorithm> = {
    identifier,
    name,
    hash,
    maskHash: null,
    saltLength: null,
    parameters: reader.position < end ? reader.bytes.subarray(reader.position, end) : null,
  };
  if (identifier === RSASSA_PSS) readPssParameters(reader, end, algorithm);
  reader.position = end;
  return algorithm;
}

function readPssParameters(reader: DerReader, limit: number, algorithm: Mutable<SignatureAlgorithm>): void {
  Object.assign(algorithm, PSS_DEFAULTS);
  const end = reader.enter(Tag.sequence, limit);
  if (reader.peek(end) === PssTag.hash) {
    const hashEnd = reader.enter(PssTag.hash, end);
    algorithm.hash = readHash(reader, hashEnd);
    reader.position = hashEnd;
  }
  if (reader.peek(end) === PssTag.maskGeneration) {
    const maskEnd = reader.enter(PssTag.maskGeneration, end);
    const generationEnd = reader.enter(Tag.sequence, maskEnd);
    readObjectIdentifier(reader, generationEnd);
    algorithm.maskHash = readHash(reader, generationEnd);
    reader.position = maskEnd;
  }
  if (reader.peek(end) === PssTag.saltLength) {
    const saltEnd = reader.enter(PssTag.saltLength, end);
    readInteger(reader, saltEnd);
    algorithm.saltLength = smallInteger(reader.bytes, reader.start, reader.end);
    reader.position = saltEnd;
  }
}

/** A hash function's AlgorithmIdentifier. */
function readHash(reader: DerReader, limit: number): string {
  const end = reader.enter(Tag.sequence, limit);
  const identifier = readObjectIdentifier(reader, end);
  reader.position = end;
  return hashName(identifier);
}
