/**
 * The cipher suites the hello offers, in the order it offers them.
 *
 * The handshake is never finished, so a weak suite costs no secrecy: what counts is that every server of the
 * last twenty-five years finds one it accepts. Two things are left out on purpose: suites without a
 * certificate (anonymous, pre-shared key), and TLS_FALLBACK_SCSV, at which a server that speaks TLS 1.3 must
 * refuse (RFC 7507, 3). The list stays within 64 entries because old Microsoft servers look no further.
 *
 * @module
 */

import { CipherSuite, Ssl2CipherKind } from "./cipher_suite_registry.ts";
import { hexadecimal } from "./hexadecimal.ts";

/** Most preferred first. */
export const OFFERED_CIPHER_SUITES: ReadonlySet<number> = new Set([
  // Forward secrecy with authenticated encryption (RFC 5289, 7905, 5288).
  CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
  CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
  CipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
  CipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
  CipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
  CipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
  CipherSuite.TLS_DHE_RSA_WITH_AES_128_GCM_SHA256,
  CipherSuite.TLS_DHE_RSA_WITH_AES_256_GCM_SHA384,
  CipherSuite.TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
  // Small devices (RFC 7251, 6655).
  CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CCM,
  CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8,
  CipherSuite.TLS_RSA_WITH_AES_128_CCM,
  CipherSuite.TLS_RSA_WITH_AES_128_CCM_8,
  // Forward secrecy with CBC (RFC 5289, 8422, 5246).
  CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256,
  CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384,
  CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,
  CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA,
  CipherSuite.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256,
  CipherSuite.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384,
  CipherSuite.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
  CipherSuite.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
  CipherSuite.TLS_DHE_RSA_WITH_AES_128_CBC_SHA256,
  CipherSuite.TLS_DHE_RSA_WITH_AES_256_CBC_SHA256,
  CipherSuite.TLS_DHE_RSA_WITH_AES_128_CBC_SHA,
  CipherSuite.TLS_DHE_RSA_WITH_AES_256_CBC_SHA,
  // RSA key transport (RFC 5288, 5246).
  CipherSuite.TLS_RSA_WITH_AES_128_GCM_SHA256,
  CipherSuite.TLS_RSA_WITH_AES_256_GCM_SHA384,
  CipherSuite.TLS_RSA_WITH_AES_128_CBC_SHA256,
  CipherSuite.TLS_RSA_WITH_AES_256_CBC_SHA256,
  CipherSuite.TLS_RSA_WITH_AES_128_CBC_SHA,
  CipherSuite.TLS_RSA_WITH_AES_256_CBC_SHA,
  // DSA certificates (RFC 5288, 5246).
  CipherSuite.TLS_DHE_DSS_WITH_AES_128_GCM_SHA256,
  CipherSuite.TLS_DHE_DSS_WITH_AES_256_GCM_SHA384,
  CipherSuite.TLS_DHE_DSS_WITH_AES_128_CBC_SHA256,
  CipherSuite.TLS_DHE_DSS_WITH_AES_256_CBC_SHA256,
  CipherSuite.TLS_DHE_DSS_WITH_AES_128_CBC_SHA,
  CipherSuite.TLS_DHE_DSS_WITH_AES_256_CBC_SHA,
  // Fixed elliptic-curve Diffie-Hellman certificates (RFC 5289, 4492).
  CipherSuite.TLS_ECDH_ECDSA_WITH_AES_128_GCM_SHA256,
  CipherSuite.TLS_ECDH_RSA_WITH_AES_128_GCM_SHA256,
  CipherSuite.TLS_ECDH_ECDSA_WITH_AES_128_CBC_SHA,
  CipherSuite.TLS_ECDH_ECDSA_WITH_AES_256_CBC_SHA,
  CipherSuite.TLS_ECDH_RSA_WITH_AES_128_CBC_SHA,
  CipherSuite.TLS_ECDH_RSA_WITH_AES_256_CBC_SHA,
  // National ciphers (RFC 5932, 4162).
  CipherSuite.TLS_DHE_RSA_WITH_CAMELLIA_128_CBC_SHA,
  CipherSuite.TLS_DHE_RSA_WITH_CAMELLIA_256_CBC_SHA,
  CipherSuite.TLS_RSA_WITH_CAMELLIA_128_CBC_SHA,
  CipherSuite.TLS_RSA_WITH_CAMELLIA_256_CBC_SHA,
  CipherSuite.TLS_RSA_WITH_SEED_CBC_SHA,
  // What the oldest servers have (RFC 8422, 4492, 5246, 5469).
  CipherSuite.TLS_ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA,
  CipherSuite.TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA,
  CipherSuite.TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA,
  CipherSuite.TLS_DHE_DSS_WITH_3DES_EDE_CBC_SHA,
  CipherSuite.TLS_RSA_WITH_3DES_EDE_CBC_SHA,
  CipherSuite.TLS_ECDHE_ECDSA_WITH_RC4_128_SHA,
  CipherSuite.TLS_ECDHE_RSA_WITH_RC4_128_SHA,
  CipherSuite.TLS_RSA_WITH_RC4_128_SHA,
  CipherSuite.TLS_RSA_WITH_RC4_128_MD5,
  CipherSuite.TLS_RSA_WITH_IDEA_CBC_SHA,
  CipherSuite.TLS_RSA_WITH_DES_CBC_SHA,
]);

const CIPHER_SUITE_NAMES: ReadonlyMap<number, string> = new Map(
  [...Object.entries(CipherSuite), ...Object.entries(Ssl2CipherKind)].map(([name, code]) => [code, name]),
);

/**
 * The IANA name of a suite of SSL 3.0 to TLS 1.3, or the name of a cipher kind of SSL 2.0, which has more
 * than 16 bits; `0x1a2b` for a number that has no name.
 */
export function cipherSuiteName(suite: number): string {
  return CIPHER_SUITE_NAMES.get(suite) ?? hexadecimal(suite, 4);
}
