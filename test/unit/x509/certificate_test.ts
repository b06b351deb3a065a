import assert from "node:assert/strict";
import { emptyGeneralNames } from "../../../src/x509/general_name.ts";
import { fingerprint, parseCertificate } from "../../../src/x509/mod.ts";
import {
  certificate,
  commonName,
  element,
  extension,
  objectIdentifier,
  octets,
  sequence,
  text,
} from "./build.ts";
import * as keys from "./keys.ts";
import { plain } from "./plain.ts";
import { FULL, full } from "./samples.ts";

Deno.test("a certificate becomes one record", () => {
  const { der, tbs, extensions, ...fields } = parseCertificate(full);
  assert.equal(der, full);
  assert.deepEqual(tbs, full.subarray(4, 4 + 4 + (full[6]! << 8 | full[7]!)));
  assert.equal(extensions.length, 7);
  assert.deepEqual(plain(fields), {
    version: 3,
    serialNumber: "f00102030405060708090a0b0c0d",
    signatureAlgorithm: {
      identifier: "1.2.840.10045.4.3.2",
      name: "ecdsa-with-SHA256",
      hash: "SHA-256",
      maskHash: null,
      saltLength: null,
      parameters: null,
    },
    signatureValue: "5a".repeat(70),
    issuer: {
      der: plain(FULL.issuer),
      relativeNames: [
        [{ identifier: "2.5.4.6", type: "C", value: "NL" }],
        [{ identifier: "2.5.4.10", type: "O", value: "Über Trust, B.V." }],
        [{ identifier: "2.5.4.3", type: "CN", value: "Über Trust CA 1" }],
      ],
      commonName: "Über Trust CA 1",
      organization: "Über Trust, B.V.",
    },
    subject: {
      der: plain(FULL.subject),
      relativeNames: [
        [{ identifier: "2.5.4.6", type: "C", value: "DE" }],
        [{ identifier: "2.5.4.8", type: "ST", value: "Bayern" }],
        [{ identifier: "2.5.4.7", type: "L", value: "München" }],
        [{ identifier: "2.5.4.10", type: "O", value: "Example GmbH" }],
        [{ identifier: "2.5.4.11", type: "OU", value: "One" }],
        [{ identifier: "2.5.4.11", type: "OU", value: "Two" }],
        [{ identifier: "2.5.4.5", type: "serialNumber", value: "HRB 1234" }],
        [{ identifier: "1.2.840.113549.1.9.1", type: "emailAddress", value: "admin@example.com" }],
        [{ identifier: "0.9.2342.19200300.100.1.25", type: "DC", value: "example" }],
        [{ identifier: "2.5.4.3", type: "CN", value: "www.example.com" }],
      ],
      commonName: "www.example.com",
      organization: "Example GmbH",
    },
    isSelfIssued: false,
    notBefore: "2024-02-29T00:00:00Z",
    notAfter: "2049-12-31T23:59:59Z",
    publicKey: plain(parseCertificate(certificate({ publicKey: keys.P_256 })).publicKey),
    issuerUniqueIdentifier: null,
    subjectUniqueIdentifier: null,
    subjectAlternativeName: {
      dns: ["www.example.com", "*.example.com"],
      ip: ["192.0.2.1", "2001:db8::1"],
      uri: ["https://example.com/a?b=c"],
      mail: ["admin@example.com"],
      directory: [],
      registered: [],
      otherNames: [],
      ediParties: [],
      other: [],
    },
    issuerAlternativeName: null,
    basicConstraints: { isAuthority: false, pathLength: null },
    nameConstraints: null,
    keyUsage: ["digitalSignature", "keyEncipherment"],
    extendedKeyUsage: ["serverAuth", "clientAuth"],
    subjectKeyIdentifier: "01020304",
    authorityKeyIdentifier: { keyIdentifier: "09080706", issuer: null, serialNumber: null },
    certificatePolicies: null,
    authorityInfoAccess: null,
    crlDistributionPoints: null,
    isPrecertificate: true,
    signedCertificateTimestamps: null,
    tlsFeatures: null,
    qualifiedStatements: null,
    organizationIdentifier: null,
    torServiceDescriptors: null,
    netscapeCertificateType: null,
    netscapeComment: null,
    errors: [],
  });
});

Deno.test("octets are views of the certificate's own", () => {
  const { signatureValue, tbs, publicKey, issuer, extensions } = parseCertificate(full);
  for (const octets of [signatureValue, tbs, publicKey?.octets, issuer?.der, extensions[0]?.value]) {
    assert.equal(octets?.buffer, full.buffer);
  }
});

Deno.test("a fingerprint is the SHA-256 of the octets", () => {
  // FIPS 180-2 appendix B.1.
  const digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  assert.equal(fingerprint(new TextEncoder().encode("abc")), digest);
});

Deno.test("version 1 has no version field", () => {
  assert.equal(parseCertificate(certificate({ version: octets() })).version, 1);
});

Deno.test("issuer and subject of the same octets make a certificate self-issued", () => {
  const root = commonName("Root");
  assert.equal(parseCertificate(certificate({ issuer: root, subject: root })).isSelfIssued, true);
  assert.equal(
    parseCertificate(certificate({ issuer: root, subject: commonName("Ro0t") })).isSelfIssued,
    false,
  );
});

Deno.test("an authority key identifier can name issuer and serial number", () => {
  const value = sequence(
    element(0x80, octets(1, 2)),
    element(0xa1, text(0x82, "issuer.example")),
    element(0x82, octets(0x7f)),
  );
  const parsed = parseCertificate(certificate({ extensions: [extension("2.5.29.35", value)] }));
  assert.deepEqual(parsed.authorityKeyIdentifier, {
    keyIdentifier: "0102",
    issuer: { ...emptyGeneralNames(), dns: ["issuer.example"] },
    serialNumber: "7f",
  });
});

Deno.test("all nine key usages have their bits", () => {
  const usage = extension("2.5.29.15", element(0x03, octets(7, 0xff, 0x80)));
  assert.deepEqual(parseCertificate(certificate({ extensions: [usage] })).keyUsage, [
    "digitalSignature",
    "nonRepudiation",
    "keyEncipherment",
    "dataEncipherment",
    "keyAgreement",
    "keyCertSign",
    "cRLSign",
    "encipherOnly",
    "decipherOnly",
  ]);
});

Deno.test("unique identifiers, which nobody issues any more", () => {
  const tbs = sequence(
    element(0x02, octets(5)),
    sequence(objectIdentifier("1.3.101.112")),
    commonName("issuer"),
    sequence(text(0x17, "240229000000Z"), text(0x17, "240229000000Z")),
    commonName("subject"),
    keys.P_256,
    element(0x81, octets(0, 0xab)),
    element(0x82, octets(4, 0xc0)),
  );
  const parsed = parseCertificate(
    sequence(tbs, sequence(objectIdentifier("1.3.101.112")), element(0x03, octets(0))),
  );
  assert.deepEqual(parsed.errors, []);
  assert.deepEqual(plain(parsed.issuerUniqueIdentifier), "ab");
  assert.deepEqual(plain(parsed.subjectUniqueIdentifier), "c0");
  assert.deepEqual(plain(parsed.signatureValue), "");
});
