import assert from "node:assert/strict";
import { certificateObservation } from "../../../src/observe/mod.ts";
import type { DistinguishedName, ParsedCertificate } from "../../../src/x509/mod.ts";

const time = "2026-01-31T23:59:59.123Z";
const fingerprint = "ab".repeat(32);
const der = new Uint8Array([0, 0x30, 0x03, 0x02, 0x01, 0xff, 0]).subarray(1, 6);

function name(commonName: string, organization: string): DistinguishedName {
  return {
    relativeNames: [[{ type: "O", value: organization }], [{ type: "CN", value: commonName }]],
    commonName,
    organization,
  };
}

const parsed: ParsedCertificate = {
  version: 3,
  serialNumber: "0102",
  signatureAlgorithm: "ecdsa-with-SHA256",
  issuer: name("Example CA", "Example, Inc."),
  subject: name("example.com", "Example"),
  isSelfIssued: false,
  notBefore: "2026-01-01T00:00:00Z",
  notAfter: "2026-03-31T23:59:59Z",
  publicKey: { algorithm: "EC", bits: 256, curve: "P-256", fingerprint: "cd".repeat(32) },
  subjectAlternativeName: {
    dns: ["example.com", "*.example.com"],
    ip: ["192.0.2.1"],
    uri: ["https://example.com/"],
    mail: ["a@example.com"],
    other: [{ kind: "registeredID", der: "88032a0304" }],
  },
  basicConstraints: { isAuthority: false, pathLength: null },
  keyUsage: ["digitalSignature"],
  extendedKeyUsage: ["serverAuth"],
  subjectKeyIdentifier: "0a0b",
  authorityKeyIdentifier: { keyIdentifier: "0c0d", issuer: null, serialNumber: null },
  errors: [],
};

Deno.test("a certificate becomes one flat record, its DER in base64", () => {
  assert.deepEqual(certificateObservation(fingerprint, parsed, der, time), {
    type: "certificate",
    time,
    fingerprint,
    spki_fingerprint: "cd".repeat(32),
    version: 3,
    serial_number: "0102",
    subject: { text: "CN=example.com,O=Example", common_name: "example.com", organization: "Example" },
    issuer: {
      text: "CN=Example CA,O=Example\\, Inc.",
      common_name: "Example CA",
      organization: "Example, Inc.",
    },
    self_issued: false,
    not_before: "2026-01-01T00:00:00Z",
    not_after: "2026-03-31T23:59:59Z",
    key_algorithm: "EC",
    key_bits: 256,
    key_curve: "P-256",
    signature_algorithm: "ecdsa-with-SHA256",
    alternative_names: {
      dns: ["example.com", "*.example.com"],
      ip: ["192.0.2.1"],
      uri: ["https://example.com/"],
      mail: ["a@example.com"],
      other: ["88032a0304"],
    },
    is_authority: false,
    path_length: null,
    key_usage: ["digitalSignature"],
    extended_key_usage: ["serverAuth"],
    subject_key_identifier: "0a0b",
    authority_key_identifier: "0c0d",
    errors: [],
    der: "MAMCAf8=",
  });
});

Deno.test("what could not be read is null, and the octets are kept all the same", () => {
  const nothing = Object.fromEntries(Object.keys(parsed).map((key) => [key, null]));
  const broken = {
    ...nothing,
    isSelfIssued: false,
    errors: ["certificate: cut short"],
  } as unknown as ParsedCertificate;
  const record = certificateObservation(fingerprint, broken, der, time);
  assert.equal(record.subject, null);
  assert.equal(record.alternative_names, null);
  assert.equal(record.spki_fingerprint, null);
  assert.deepEqual(record.errors, ["certificate: cut short"]);
  assert.equal(record.der, "MAMCAf8=");
});
