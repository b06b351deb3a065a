import assert from "node:assert/strict";
import { extensionsFields } from "../../../../src/results/zgrab2/extensions.ts";
import { parseCertificate, type ParsedCertificate } from "../../../../src/x509/mod.ts";
import { DSA } from "./certificates.ts";

/** What is told of a certificate that differs from a real one in `differences`. */
function fieldsOf(differences: Partial<ParsedCertificate>): Record<string, unknown> {
  return JSON.parse(JSON.stringify(extensionsFields({ ...parseCertificate(DSA), ...differences })));
}

Deno.test("every qualified statement is told in a list of its own", () => {
  const { qc_statements } = fieldsOf({
    qualifiedStatements: {
      statements: [{ identifier: "0.4.0.1862.1.1", value: null }, { identifier: "1.2.3", value: null }],
      isCompliant: true,
      usesSecureDevice: true,
      types: ["esign", "eseal", "web", "1.2.3"],
      limit: { currency: "EUR", amount: 10, exponent: 2 },
      disclosures: [{ url: "https://dev.example/pds.pdf", language: "en" }],
      retentionYears: 10,
      legislation: ["CH", "US"],
      semantics: null,
    },
  });
  assert.deepEqual(qc_statements, {
    ids: ["0.4.0.1862.1.1", "1.2.3"],
    parsed: {
      etsi_compliance: [true],
      sscd: [true],
      types: [{ ids: ["0.4.0.1862.1.6.1", "0.4.0.1862.1.6.2", "0.4.0.1862.1.6.3", "1.2.3"] }],
      limit: [{ currency: "EUR", amount: 10, exponent: 2 }],
      pds_locations: [{ locations: [{ url: "https://dev.example/pds.pdf", language: "en" }] }],
      retention_period: [10],
      legislation: [{ country_codes: ["CH", "US"] }],
    },
  });
});

Deno.test("a currency that is a number is told as one", () => {
  const { qc_statements } = fieldsOf({
    qualifiedStatements: {
      statements: [],
      isCompliant: false,
      usesSecureDevice: false,
      types: [],
      limit: { currency: "978", amount: 5, exponent: 0 },
      disclosures: [],
      retentionYears: null,
      legislation: [],
      semantics: null,
    },
  });
  assert.deepEqual(qc_statements, { parsed: { limit: [{ currency_number: 978, amount: 5 }] } });
});

Deno.test("an onion service is told with the digest of its key", () => {
  const descriptor = { uri: "https://a.onion", hash: Uint8Array.of(0xab, 0xcd), hashBits: 16 };
  const { tor_service_descriptors } = fieldsOf({
    torServiceDescriptors: [
      { ...descriptor, hashAlgorithm: "SHA-256" },
      { ...descriptor, hashAlgorithm: "1.2.3" },
    ],
  });
  assert.deepEqual(tor_service_descriptors, [
    { onion: "https://a.onion", algorithm_name: "SHA256", hash: "abcd", hash_bits: 16 },
    { onion: "https://a.onion", algorithm_name: "Unknown", hash: "abcd", hash_bits: 16 },
  ]);
});

Deno.test("an organisation's state and its number in a register are told", () => {
  const { cabf_organization_id } = fieldsOf({
    organizationIdentifier: { scheme: "NTR", country: "US", stateOrProvince: "CA", reference: "12345" },
  });
  assert.deepEqual(cabf_organization_id, { scheme: "NTR", country: "US", state: "CA", reference: "12345" });
});

Deno.test("a timestamp behind the year 9999 has none", () => {
  const timestamp = {
    version: 1,
    logId: new Uint8Array(32),
    extensions: Uint8Array.of(1),
    signed: Uint8Array.of(4, 3, 0, 0),
  };
  const { signed_certificate_timestamps } = fieldsOf({
    signedCertificateTimestamps: [
      { ...timestamp, timestampMs: 1_500 },
      { ...timestamp, timestampMs: 253_402_300_800_000 },
    ],
  });
  const told = {
    version: 0,
    log_id: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    extensions: "AQ==",
    signature: "BAMAAA==",
  };
  assert.deepEqual(signed_certificate_timestamps, [{ ...told, timestamp: 1 }, told]);
});
