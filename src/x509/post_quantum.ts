/**
 * Post-quantum algorithms by object identifier (NIST's Computer Security Objects Register, under
 * 2.16.840.1.101.3.4; RFC 9881, RFC 9909, RFC 9935).
 *
 * @module
 */

/** An algorithm whose keys have one size. */
export interface PostQuantumAlgorithm {
  /** Dotted object identifier. */
  readonly identifier: string;
  readonly name: string;
  /** Octets of a public key. */
  readonly keyLength: number;
}

/** FIPS 204, table 2. */
const ML_DSA: readonly PostQuantumAlgorithm[] = [
  { identifier: "2.16.840.1.101.3.4.3.17", name: "ML-DSA-44", keyLength: 1312 },
  { identifier: "2.16.840.1.101.3.4.3.18", name: "ML-DSA-65", keyLength: 1952 },
  { identifier: "2.16.840.1.101.3.4.3.19", name: "ML-DSA-87", keyLength: 2592 },
];

/** FIPS 205, table 2. */
const SLH_DSA: readonly PostQuantumAlgorithm[] = [
  { identifier: "2.16.840.1.101.3.4.3.20", name: "SLH-DSA-SHA2-128s", keyLength: 32 },
  { identifier: "2.16.840.1.101.3.4.3.21", name: "SLH-DSA-SHA2-128f", keyLength: 32 },
  { identifier: "2.16.840.1.101.3.4.3.22", name: "SLH-DSA-SHA2-192s", keyLength: 48 },
  { identifier: "2.16.840.1.101.3.4.3.23", name: "SLH-DSA-SHA2-192f", keyLength: 48 },
  { identifier: "2.16.840.1.101.3.4.3.24", name: "SLH-DSA-SHA2-256s", keyLength: 64 },
  { identifier: "2.16.840.1.101.3.4.3.25", name: "SLH-DSA-SHA2-256f", keyLength: 64 },
  { identifier: "2.16.840.1.101.3.4.3.26", name: "SLH-DSA-SHAKE-128s", keyLength: 32 },
  { identifier: "2.16.840.1.101.3.4.3.27", name: "SLH-DSA-SHAKE-128f", keyLength: 32 },
  { identifier: "2.16.840.1.101.3.4.3.28", name: "SLH-DSA-SHAKE-192s", keyLength: 48 },
  { identifier: "2.16.840.1.101.3.4.3.29", name: "SLH-DSA-SHAKE-192f", keyLength: 48 },
  { identifier: "2.16.840.1.101.3.4.3.30", name: "SLH-DSA-SHAKE-256s", keyLength: 64 },
  { identifier: "2.16.840.1.101.3.4.3.31", name: "SLH-DSA-SHAKE-256f", keyLength: 64 },
];

/** Falcon has no standard yet; these identifiers are the Open Quantum Safe project's, of which it changed some. */
const FALCON: readonly PostQuantumAlgorithm[] = [
  { identifier: "1.3.9999.3.6", name: "Falcon-512", keyLength: 897 },
  { identifier: "1.3.9999.3.9", name: "Falcon-1024", keyLength: 1793 },
  { identifier: "1.3.9999.3.11", name: "Falcon-512", keyLength: 897 },
  { identifier: "1.3.9999.3.14", name: "Falcon-1024", keyLength: 1793 },
];

/** FIPS 203, table 3. */
const ML_KEM: readonly PostQuantumAlgorithm[] = [
  { identifier: "2.16.840.1.101.3.4.4.1", name: "ML-KEM-512", keyLength: 800 },
  { identifier: "2.16.840.1.101.3.4.4.2", name: "ML-KEM-768", keyLength: 1184 },
  { identifier: "2.16.840.1.101.3.4.4.3", name: "ML-KEM-1024", keyLength: 1568 },
];

/** Those that sign; key and signature have the same identifier. */
export const POST_QUANTUM_SIGNATURES: readonly PostQuantumAlgorithm[] = [...ML_DSA, ...SLH_DSA, ...FALCON];

/** Those that certificates have keys of. */
export const POST_QUANTUM_KEYS: readonly PostQuantumAlgorithm[] = [...POST_QUANTUM_SIGNATURES, ...ML_KEM];
