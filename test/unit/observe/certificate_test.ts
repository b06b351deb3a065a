import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { certificateObservation } from "../../../src/observe/mod.ts";
import { digestCertificate, parseCertificate } from "../../../src/x509/mod.ts";
import {
  certificate,
  element,
  extension,
  name,
  objectIdentifier,
  octets,
  sequence,
  subjectAlternativeName,
  text,
} from "../x509/build.ts";
import * as samples from "../x509/extension_samples.ts";

const time = "2026-01-31T23:59:59.123Z";
const fingerprint = "ab".repeat(32);

const der = certificate({
  issuer: name(["2.5.4.10", text(0x0c, "Example, Inc.")], ["2.5.4.3", text(0x0c, "Example CA")]),
  subject: name(["2.5.4.10", text(0x0c, "Example")], ["2.5.4.3", text(0x0c, "example.com")]),
  notBefore: text(0x17, "260101000000Z"),
  notAfter: text(0x17, "260331235959Z"),
  extensions: [
    subjectAlternativeName(
      text(0x82, "example.com"),
      text(0x82, "*.xn--mnchen-3ya.example"),
      text(0x82, "nul\0.example"),
      element(0x87, octets(192, 0, 2, 1)),
      text(0x86, "https://example.com/"),
      text(0x81, "a@example.com"),
      element(0x88, octets(0x2a, 3)),
    ),
    extension("2.5.29.19", sequence()),
    extension("2.5.29.15", element(0x03, octets(7, 0x80))),
    extension("2.5.29.37", sequence(objectIdentifier("1.3.6.1.5.5.7.3.1"))),
    extension("2.5.29.14", element(0x04, octets(0x0a, 0x0b))),
    extension("2.5.29.35", sequence(element(0x80, octets(0x0c, 0x0d)))),
    samples.CERTIFICATE_POLICIES,
    samples.AUTHORITY_INFO_ACCESS,
    samples.CRL_DISTRIBUTION_POINTS,
    samples.SIGNED_CERTIFICATE_TIMESTAMPS,
    samples.PRECERTIFICATE_POISON,
    samples.TLS_FEATURE,
    samples.ORGANIZATION_IDENTIFIER,
    samples.QUALIFIED_STATEMENTS,
    extension("1.2.3.4", octets(0xff)),
  ],
});

Deno.test("a certificate becomes one flat record, its DER in base64", () => {
  const parsed = parseCertificate(der);
  const digests = digestCertificate(parsed);
  const record = certificateObservation(fingerprint, parsed, der, time);
  assert.deepEqual(JSON.parse(JSON.stringify(record)), record);
  assert.deepEqual(record, {
    type: "certificate",
    time,
    fingerprint,
    fingerprint_sha1: digests.sha1,
    fingerprint_md5: digests.md5,
    tbs_fingerprint: digests.tbs,
    tbs_noct_fingerprint: digests.tbsWithoutTransparency,
    spki_fingerprint: digests.publicKey,
    spki_subject_fingerprint: digests.publicKeyAndSubject,
    version: 3,
    serial_number: "0a1b",
    subject: { text: "CN=example.com,O=Example", common_name: "example.com", organization: "Example" },
    issuer: {
      text: "CN=Example CA,O=Example\\, Inc.",
      common_name: "Example CA",
      organization: "Example, Inc.",
    },
    self_issued: false,
    claims_self_signed: false,
    not_before: "2026-01-01T00:00:00Z",
    not_after: "2026-03-31T23:59:59Z",
    validity_seconds: 90 * 86400,
    key_algorithm: "EC",
    key_bits: 256,
    key_curve: "P-256",
    signature_algorithm: "ecdsa-with-SHA256",
    signature_hash: "SHA-256",
    alternative_names: {
      dns: ["example.com", "*.xn--mnchen-3ya.example", "nul\0.example"],
      dns_unicode: ["*.münchen.example"],
      ip: ["192.0.2.1"],
      uri: ["https://example.com/"],
      mail: ["a@example.com"],
      other: ["88022a03"],
    },
    is_authority: false,
    path_length: null,
    key_usage: ["digitalSignature"],
    extended_key_usage: ["serverAuth"],
    subject_key_identifier: "0a0b",
    authority_key_identifier: "0c0d",
    validation_level: "OV",
    policies: ["2.23.140.1.2.2", "1.3.6.1.4.1.99999.1"],
    ocsp_urls: ["http://ocsp.example/"],
    issuer_urls: ["http://ca.example/ca.der"],
    crl_urls: ["http://crl.example/1", "http://crl.example/2"],
    tls_features: [5, 17],
    organization_identifier: "NTRUS+CA-C1234",
    qualified: true,
    precertificate: true,
    sct_count: 2,
    extensions: parsed.extensions.map(({ identifier }) => identifier),
    errors: [],
    der: Buffer.from(der).toString("base64"),
  });
});

Deno.test("what a certificate does not have is null, empty or false", () => {
  const bare = certificate({ extensions: [] });
  const record = certificateObservation(fingerprint, parseCertificate(bare), bare, time);
  assert.equal(record.alternative_names, null);
  assert.equal(record.policies, null);
  assert.equal(record.validation_level, "unknown");
  assert.equal(record.ocsp_urls, null);
  assert.equal(record.crl_urls, null);
  assert.equal(record.organization_identifier, null);
  assert.equal(record.qualified, false);
  assert.equal(record.precertificate, false);
  assert.equal(record.sct_count, 0);
  assert.deepEqual(record.extensions, []);
});

Deno.test("what could not be read is null, and the octets are kept all the same", () => {
  const junk = octets(0x30, 0x03, 0x02, 0x01, 0xff);
  const record = certificateObservation(fingerprint, parseCertificate(junk), junk, time);
  assert.equal(record.subject, null);
  assert.equal(record.spki_fingerprint, null);
  assert.equal(record.tbs_fingerprint, null);
  assert.equal(record.validity_seconds, null);
  assert.deepEqual(record.errors, parseCertificate(junk).errors);
  assert.equal(record.der, "MAMCAf8=");
});
