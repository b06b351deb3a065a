/**
 * The known cipher suites by the versions that can speak them.
 *
 * @module
 */

import { CipherSuite } from "./cipher_suite_registry.ts";
import { cipherSuiteName, OFFERED_CIPHER_SUITES } from "./cipher_suites.ts";

/** What only TLS 1.3 knows (RFC 8446, 8998, 9150, 9367; draft-irtf-cfrg-aegis-aead). */
export const TLS13_SUITES: readonly number[] = [
  CipherSuite.TLS_AES_128_GCM_SHA256,
  CipherSuite.TLS_AES_256_GCM_SHA384,
  CipherSuite.TLS_CHACHA20_POLY1305_SHA256,
  CipherSuite.TLS_AES_128_CCM_SHA256,
  CipherSuite.TLS_AES_128_CCM_8_SHA256,
  CipherSuite.TLS_AEGIS_256_SHA512,
  CipherSuite.TLS_AEGIS_128L_SHA256,
  CipherSuite.TLS_SM4_GCM_SM3,
  CipherSuite.TLS_SM4_CCM_SM3,
  CipherSuite.TLS_SHA256_SHA256,
  CipherSuite.TLS_SHA384_SHA384,
  CipherSuite.TLS_GOSTR341112_256_WITH_KUZNYECHIK_MGM_L,
  CipherSuite.TLS_GOSTR341112_256_WITH_MAGMA_MGM_L,
  CipherSuite.TLS_GOSTR341112_256_WITH_KUZNYECHIK_MGM_S,
  CipherSuite.TLS_GOSTR341112_256_WITH_MAGMA_MGM_S,
];

/**
 * Code points that are no suites but say something about the client (RFC 5746, 3.3; RFC 7507), and no suite
 * at all.
 */
const SIGNALS: readonly number[] = [
  CipherSuite.TLS_NULL_WITH_NULL_NULL,
  CipherSuite.TLS_EMPTY_RENEGOTIATION_INFO_SCSV,
  CipherSuite.TLS_FALLBACK_SCSV,
];

/**
 * Everything that TLS 1.2 may be asked for. What a capture offers comes first: what most servers accept is
 * among it.
 */
export const TLS12_SUITES: readonly number[] = [
  ...new Set<number>([...OFFERED_CIPHER_SUITES, ...Object.values(CipherSuite)])
    .difference(new Set([...TLS13_SUITES, ...SIGNALS])),
];

/** Everything that SSL 3.0, TLS 1.0 and TLS 1.1 may be asked for. */
export const OLD_SUITES: readonly number[] = TLS12_SUITES.filter((suite) =>
  !needsTls12(cipherSuiteName(suite))
);

/** What TLS 1.2 may be asked for to see a certificate, and a capture's first hello has no room for. */
export const RARE_TLS12_SUITES: readonly number[] = TLS12_SUITES.filter((suite) =>
  !OFFERED_CIPHER_SUITES.has(suite) && hasCertificate(cipherSuiteName(suite))
);

/** Those of the old ones with which a server shows a certificate. */
export const OLD_CERTIFICATE_SUITES: readonly number[] = OLD_SUITES
  .filter((suite) => hasCertificate(cipherSuiteName(suite)));

/**
 * Authenticated encryption, and the pseudorandom functions it came with (RFC 5246, A.5; RFC 5288, 4; RFC
 * 5289, 5).
 */
function needsTls12(name: string): boolean {
  return /_(GCM|CCM|POLY1305|OMAC)|_SHA(256|384)$/.test(name);
}

/** Not where nobody shows one, nor where it takes a shared secret, a password or a ticket. */
function hasCertificate(name: string): boolean {
  return !/_(anon|PSK|KRB5|ECCPWD|SRP)/.test(name);
}
