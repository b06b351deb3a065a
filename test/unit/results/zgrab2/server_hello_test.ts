import assert from "node:assert/strict";
import { serverHelloFields } from "../../../../src/results/zgrab2/server_hello.ts";
import type { ServerHello } from "../../../../src/tls/mod.ts";

function fieldsOf(differences: Partial<ServerHello>, alpn?: string): Record<string, unknown> {
  const hello: ServerHello = {
    version: 0x0303,
    legacyVersion: 0x0303,
    random: new Uint8Array(32),
    sessionId: new Uint8Array(0),
    cipherSuite: 0xc02f,
    compression: 0,
    extensions: [],
    isRetryRequest: false,
    tls13Announced: false,
    tls12Announced: false,
    ...differences,
  };
  return JSON.parse(JSON.stringify(serverHelloFields(hello, alpn)));
}

function extension(type: number, ...data: number[]) {
  return { type, data: Uint8Array.from(data) };
}

Deno.test("a ServerHello of TLS 1.3 says 1.2 where that version does, and 1.3 beside it", () => {
  const fields = fieldsOf({
    version: 0x0304,
    cipherSuite: 0x1301,
    keyShareGroup: 0x001d,
    sessionId: Uint8Array.of(1, 2, 3),
    extensions: [extension(43, 3, 4), extension(51, 0, 0x1d, 0, 1, 9)],
  }, "h2");
  assert.deepEqual(fields, {
    version: { name: "TLSv1.2", value: 771 },
    random: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    session_id: "AQID",
    cipher_suite: { hex: "0x1301", name: "TLS_AES_128_GCM_SHA256", value: 4865 },
    compression_method: { hex: "0x00", name: "NULL", value: 0 },
    ocsp_stapling: false,
    ticket: false,
    secure_renegotiation: false,
    heartbeat: false,
    extended_master_secret: false,
    alpn_protocol: "h2",
    supported_versions: { selected_version: { name: "TLSv1.3", value: 772 } },
    key_share: { hex: "0x001D", name: "x25519", value: 29 },
    extension_identifiers: [43, 51],
  });
});

Deno.test("extensions are told by name, by number, and raw where they have no member", () => {
  const fields = fieldsOf({
    extensions: [
      extension(0),
      extension(5),
      extension(35),
      extension(65_281, 0),
      extension(15, 1),
      extension(23),
      extension(11, 1, 0),
      extension(0x1234, 0xab, 0xcd),
    ],
  });
  for (
    const name of [
      "ocsp_stapling",
      "ticket",
      "secure_renegotiation",
      "heartbeat",
      "extended_master_secret",
    ]
  ) assert.equal(fields[name], true, name);
  assert.deepEqual(fields["extension_identifiers"], [0, 5, 35, 65_281, 15, 23, 11, 0x1234]);
  assert.deepEqual(fields["unknown_extensions"], ["AAAAAA==", "EjQAAqvN"]);
});

Deno.test("timestamps are told one by one, as far as their list is well formed", () => {
  const scts = (...data: number[]) => fieldsOf({ extensions: [extension(18, ...data)] })["scts"];
  assert.deepEqual(scts(0, 7, 0, 2, 1, 2, 0, 1, 3), [{ raw: "AQI=" }, { raw: "Aw==" }]);
  assert.deepEqual(scts(0, 7, 0, 2, 1, 2, 0, 9, 3), [{ raw: "AQI=" }]);
  assert.equal(scts(), undefined);
  assert.equal(scts(0), undefined);
});

Deno.test("old versions, suites and compression methods have zcrypto's names", () => {
  const fields = fieldsOf({ version: 0x0300, legacyVersion: 0x0300, compression: 1 });
  assert.deepEqual(fields["version"], { name: "SSLv3", value: 768 });
  assert.deepEqual(fields["compression_method"], { hex: "0x01", name: "DEFLATE", value: 1 });
  const nameOf = (cipherSuite: number) =>
    (fieldsOf({ cipherSuite })["cipher_suite"] as { name: string }).name;
  assert.equal(nameOf(0x0018), "TLS_DH_ANON_WITH_RC4_128_MD5");
  assert.equal(nameOf(0xcc13), "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256_OLD");
  assert.equal(nameOf(0x0047), "TLS_ECDH_ECDSA_WITH_NULL_SHA");
  assert.equal(nameOf(0xffe1), "SSL_RSA_FIPS_WITH_DES_CBC_SHA");
  assert.equal(nameOf(0x5a5a), "unknown");
});
