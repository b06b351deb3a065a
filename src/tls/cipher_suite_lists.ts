/**
 * The known cipher suites by the versions that can speak them.
 *
 * @module
 */

import { CipherSuite } from "./cipher_suite_registry.ts";
import { OFFERED_CIPHER_SUITES } from "./cipher_suites.ts";

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

/** Code points that are no suites but say something about the client (RFC 5746, 3.3; RFC 7507), and no suite at all. */
const SIGNALS: readonly number[] = [
  CipherSuite.TLS_NULL_WITH_NULL_NULL,
  CipherSuite.TLS_EMPTY_RENEGOTIATION_INFO_SCSV,
  CipherSuite.TLS_FALLBACK_SCSV,
];

/** Names and code points of all others, those first that a capture offers: what most servers accept is among them. */
const SUITES_BEFORE_TLS13 = commonFirst(
  Object.entries(CipherSuite).filter(([, code]) => !TLS13_SUITES.includes(code) && !SIGNALS.includes(code)),
);

/** Everything that TLS 1.2 may be asked for. */
export const TLS12_SUITES: readonly number[] = SUITES_BEFORE_TLS13.map(([, code]) => code);

const OLD_SUITES_BY_NAME = SUITES_BEFORE_TLS13.filter(([name]) => !needsTls12(name));

/** Everything that SSL 3.0, TLS 1.0 and TLS 1.1 may be asked for. */
export const OLD_SUITES: readonly number[] = OLD_SUITES_BY_NAME.map(([, code]) => code);

/** Those of them with which a server shows a certificate. */
export const OLD_CERTIFICATE_SUITES: readonly number[] = OLD_SUITES_BY_NAME
  .filter(([name]) => hasCertificate(name))
  .map(([, code]) => code);

function commonFirst(suites: [name: string, code: number][]): [name: string, code: number][] {
  const isCommon = ([, code]: [string, number]) => OFFERED_CIPHER_SUITES.has(code);
  const common = suites.filter(isCommon);
  const order = [...OFFERED_CIPHER_SUITES];
  common.sort(([, one], [, other]) => order.indexOf(one) - order.indexOf(other));
  return [...common, ...suites.filter((suite) => !isCommon(suite))];
}

/** Authenticated encryption, and the pseudorandom functions it came with (RFC 5246, A.5; RFC 5288, 4; RFC 5289, 5). */
function needsTls12(name: string): boolean {
  return /_(GCM|CCM|POLY1305|OMAC)|_SHA(256|384)$/.test(name);
}

/** Not where nobody shows one, nor where it takes a shared secret, a password or a ticket. */
function hasCertificate(name: string): boolean {
  return !/_(anon|PSK|KRB5|ECCPWD|SRP)/.test(name);
}
