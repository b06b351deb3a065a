import assert from "node:assert/strict";
import { fingerprint, parseCertificate } from "../../../src/x509/mod.ts";
import {
  certificate,
  commonName,
  element,
  extension,
  name,
  objectIdentifier,
  octets,
  sequence,
  subjectAlternativeName,
  text,
} from "./build.ts";
import * as keys from "./keys.ts";
import { full } from "./samples.ts";

Deno.test("a certificate becomes one plain record", () => {
  const parsed = parseCertificate(full);
  assert.deepEqual(JSON.parse(JSON.stringify(parsed)), parsed);
  assert.deepEqual(parsed, {
    version: 3,
    serialNumber: "f00102030405060708090a0b0c0d",
    signatureAlgorithm: "ecdsa-with-SHA256",
    issuer: {
      relativeNames: [
        [{ type: "C", value: "NL" }],
        [{ type: "O", value: "Über Trust, B.V." }],
        [{ type: "CN", value: "Über Trust CA 1" }],
      ],
      commonName: "Über Trust CA 1",
      organization: "Über Trust, B.V.",
    },
    subject: {
      relativeNames: [
        [{ type: "C", value: "DE" }],
        [{ type: "ST", value: "Bayern" }],
        [{ type: "L", value: "München" }],
        [{ type: "O", value: "Example GmbH" }],
        [{ type: "OU", value: "One" }],
        [{ type: "OU", value: "Two" }],
        [{ type: "serialNumber", value: "HRB 1234" }],
        [{ type: "emailAddress", value: "admin@example.com" }],
        [{ type: "DC", value: "example" }],
        [{ type: "CN", value: "www.example.com" }],
      ],
      commonName: "www.example.com",
      organization: "Example GmbH",
    },
    isSelfIssued: false,
    notBefore: "2024-02-29T00:00:00Z",
    notAfter: "2049-12-31T23:59:59Z",
    publicKey: { algorithm: "EC", bits: 256, curve: "P-256", fingerprint: fingerprint(keys.P_256) },
    subjectAlternativeName: {
      dns: ["www.example.com", "*.example.com"],
      ip: ["192.0.2.1", "2001:db8::1"],
      uri: ["https://example.com/a?b=c"],
      mail: ["admin@example.com"],
      other: [],
    },
    basicConstraints: { isAuthority: false, pathLength: null },
    keyUsage: ["digitalSignature", "keyEncipherment"],
    extendedKeyUsage: ["serverAuth", "clientAuth"],
    subjectKeyIdentifier: "01020304",
    authorityKeyIdentifier: { keyIdentifier: "09080706", issuer: null, serialNumber: null },
    errors: [],
  });
});

Deno.test("a fingerprint is the SHA-256 of the octets", () => {
  // FIPS 180-2 appendix B.1.
  const digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  assert.equal(fingerprint(new TextEncoder().encode("abc")), digest);
});

Deno.test("keys of every kind", () => {
  const unknown = sequence(sequence(objectIdentifier("1.2.3.4")), element(0x03, octets(0, 1)));
  const unknownCurve = sequence(
    sequence(objectIdentifier("1.2.840.10045.2.1"), objectIdentifier("1.2.3.5")),
    element(0x03, octets(0, 4)),
  );
  const dsaOfIssuer = sequence(sequence(objectIdentifier("1.2.840.10040.4.1")), element(0x03, octets(0, 1)));
  const expected: readonly [Uint8Array, string, number | null, string | null][] = [
    [keys.RSA_2048, "RSA", 2048, null],
    [keys.RSASSA_PSS_1024, "RSASSA-PSS", 1024, null],
    [keys.P_256, "EC", 256, "P-256"],
    [keys.P_384, "EC", 384, "P-384"],
    [keys.P_521, "EC", 521, "P-521"],
    [keys.EXPLICIT_CURVE, "EC", null, null],
    [unknownCurve, "EC", null, "1.2.3.5"],
    [keys.ED25519, "Ed25519", 256, null],
    [keys.ED448, "Ed448", 456, null],
    [keys.DSA_1024, "DSA", 1024, null],
    [dsaOfIssuer, "DSA", null, null],
    [unknown, "1.2.3.4", null, null],
  ];
  for (const [publicKey, algorithm, bits, curve] of expected) {
    const parsed = parseCertificate(certificate({ publicKey }));
    assert.deepEqual(parsed.publicKey, { algorithm, bits, curve, fingerprint: fingerprint(publicKey) });
    assert.deepEqual(parsed.errors, []);
  }
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

Deno.test("an unknown signature algorithm is shown by its identifier", () => {
  const signature = sequence(objectIdentifier("1.2.3.4.5"), element(0x05));
  assert.equal(parseCertificate(certificate({ signature })).signatureAlgorithm, "1.2.3.4.5");
});

Deno.test("general names of other kinds are kept raw", () => {
  const directory = element(0xa4, name(["2.5.4.3", text(0x0c, "x")]));
  const registered = element(0x88, octets(0x2a, 3));
  const parsed = parseCertificate(
    certificate({ extensions: [subjectAlternativeName(directory, registered)] }),
  );
  assert.deepEqual(parsed.subjectAlternativeName?.other, [
    { kind: "directoryName", der: "a40e300c310a300806035504030c0178" },
    { kind: "registeredID", der: "88022a03" },
  ]);
  assert.deepEqual(parsed.errors, []);
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
    issuer: { dns: ["issuer.example"], ip: [], uri: [], mail: [], other: [] },
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
