import { deepEqual, equal, match, ok } from "node:assert/strict";
import {
  OLD_CERTIFICATE_SUITES,
  OLD_SUITES,
  TLS12_SUITES,
  TLS13_SUITES,
} from "../../../src/tls/cipher_suite_lists.ts";
import { CipherSuite, Ssl2CipherKind } from "../../../src/tls/cipher_suite_registry.ts";
import { OFFERED_CIPHER_SUITES } from "../../../src/tls/cipher_suites.ts";
import { cipherSuiteName } from "../../../src/tls/mod.ts";

Deno.test("suites have the names that IANA gives them, at both ends of each part of the registry", () => {
  const names: [number, string][] = [
    [0x0000, "TLS_NULL_WITH_NULL_NULL"],
    [0x0003, "TLS_RSA_EXPORT_WITH_RC4_40_MD5"],
    [0x001b, "TLS_DH_anon_WITH_3DES_EDE_CBC_SHA"],
    [0x0026, "TLS_KRB5_EXPORT_WITH_DES_CBC_40_SHA"],
    [0x002f, "TLS_RSA_WITH_AES_128_CBC_SHA"],
    [0x00a9, "TLS_PSK_WITH_AES_256_GCM_SHA384"],
    [0x00c5, "TLS_DH_anon_WITH_CAMELLIA_256_CBC_SHA256"],
    [0x00c6, "TLS_SM4_GCM_SM3"],
    [0x00ff, "TLS_EMPTY_RENEGOTIATION_INFO_SCSV"],
    [0x1301, "TLS_AES_128_GCM_SHA256"],
    [0x1305, "TLS_AES_128_CCM_8_SHA256"],
    [0x1306, "TLS_AEGIS_256_SHA512"],
    [0x5600, "TLS_FALLBACK_SCSV"],
    [0xc001, "TLS_ECDH_ECDSA_WITH_NULL_SHA"],
    [0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"],
    [0xc0aa, "TLS_PSK_DHE_WITH_AES_128_CCM_8"],
    [0xc0b5, "TLS_SHA384_SHA384"],
    [0xc106, "TLS_GOSTR341112_256_WITH_MAGMA_MGM_S"],
    [0xccae, "TLS_RSA_PSK_WITH_CHACHA20_POLY1305_SHA256"],
    [0xd005, "TLS_ECDHE_PSK_WITH_AES_128_CCM_SHA256"],
  ];
  for (const [suite, name] of names) equal(cipherSuiteName(suite), name);
});

Deno.test("suites outside the registry have names where servers speak them, others are numbers", () => {
  equal(cipherSuiteName(0xfeff), "SSL_RSA_FIPS_WITH_3DES_EDE_CBC_SHA");
  equal(cipherSuiteName(0xcc13), "OLD_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");
  equal(cipherSuiteName(0x010080), "SSL_CK_RC4_128_WITH_MD5");
  equal(cipherSuiteName(0x0700c0), "SSL_CK_DES_192_EDE3_CBC_WITH_MD5");
  equal(cipherSuiteName(0x0a0a), "0x0a0a");
  equal(cipherSuiteName(0x0f0080), "0xf0080");
});

Deno.test("no two suites share a code point", () => {
  const codes = [...Object.values(CipherSuite), ...Object.values(Ssl2CipherKind)];
  equal(new Set<number>(codes).size, codes.length);
  ok(Object.values(CipherSuite).every((code) => code >= 0 && code <= 0xffff));
  ok(Object.values(Ssl2CipherKind).every((kind) => kind > 0xffff && kind <= 0xffffff));
});

Deno.test("the hello offers at most 64 suites, all of which show a certificate", () => {
  ok(OFFERED_CIPHER_SUITES.size <= 64);
  for (const suite of OFFERED_CIPHER_SUITES) {
    match(cipherSuiteName(suite), /^TLS_(ECDHE|ECDH|DHE|RSA)/);
    ok(!/anon|PSK|SCSV/.test(cipherSuiteName(suite)));
  }
});

Deno.test("every suite stands in a list of its versions, and no signal does", () => {
  const listed = [...TLS13_SUITES, ...TLS12_SUITES];
  const missing = Object.entries(CipherSuite).filter(([, code]) => !listed.includes(code));
  deepEqual(missing.map(([name]) => name), [
    "TLS_NULL_WITH_NULL_NULL",
    "TLS_EMPTY_RENEGOTIATION_INFO_SCSV",
    "TLS_FALLBACK_SCSV",
  ]);
  equal(new Set(listed).size, listed.length);
  deepEqual(TLS12_SUITES.slice(0, OFFERED_CIPHER_SUITES.size), [...OFFERED_CIPHER_SUITES]);
});

Deno.test("what came with TLS 1.2 is not offered below it", () => {
  for (const suite of [0x009c, 0x003c, 0xc028, 0xc0ac, 0xcca8]) {
    ok(TLS12_SUITES.includes(suite));
    ok(!OLD_SUITES.includes(suite), cipherSuiteName(suite));
  }
  for (const suite of [0x002f, 0x0003, 0x0018, 0x001d, 0x008c, 0xfefe]) {
    ok(OLD_SUITES.includes(suite), cipherSuiteName(suite));
  }
});

Deno.test("a capture asks old servers for suites with a certificate, export and null ciphers included", () => {
  for (const suite of [0x0001, 0x0003, 0x0006, 0x0007, 0x0008, 0x0009, 0x001c, 0x0041, 0x0062, 0x0096]) {
    ok(OLD_CERTIFICATE_SUITES.includes(suite), cipherSuiteName(suite));
  }
  for (const suite of [0x0018, 0x001e, 0x008c, 0x0094, 0xc01d, 0xc01e, 0x00ff]) {
    ok(!OLD_CERTIFICATE_SUITES.includes(suite), cipherSuiteName(suite));
  }
});
