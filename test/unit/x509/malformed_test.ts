import assert from "node:assert/strict";
import { parseCertificate, type ParsedCertificate } from "../../../src/x509/mod.ts";
import {
  certificate,
  commonName,
  element,
  extension,
  objectIdentifier,
  octets,
  sequence,
  subjectAlternativeName,
  text,
} from "./build.ts";
import * as keys from "./keys.ts";
import { plain } from "./plain.ts";
import { full, generated } from "./samples.ts";

/** A certificate whose errors are exactly these. */
function parse(der: Uint8Array, ...errors: readonly string[]): ParsedCertificate {
  const parsed = parseCertificate(der);
  assert.deepEqual(parsed.errors, errors);
  return parsed;
}

Deno.test("a certificate cut at any offset is read as far as it goes, with errors", () => {
  const whole = parseCertificate(full);
  for (let length = 0; length < full.length; length += 1) {
    const parsed = parseCertificate(full.subarray(0, length));
    assert.notDeepEqual(parsed.errors, [], `cut at ${length}`);
    // What is there is right: nothing is made up from half a value.
    for (
      const key of [
        "tbs",
        "serialNumber",
        "notBefore",
        "notAfter",
        "publicKey",
        "subjectKeyIdentifier",
        "signatureValue",
      ] as const
    ) {
      if (parsed[key] !== null) assert.deepEqual(parsed[key], whole[key], `${key}, cut at ${length}`);
    }
    const names = parsed.subjectAlternativeName?.dns ?? [];
    assert.deepEqual(names, whole.subjectAlternativeName!.dns.slice(0, names.length));
  }
});

Deno.test("a cut certificate still gives what came before", () => {
  const parsed = parseCertificate(full.subarray(0, full.length - 180));
  assert.equal(parsed.subject?.commonName, "www.example.com");
  assert.equal(parsed.publicKey?.curve, "P-256");
  assert.deepEqual(parsed.subjectAlternativeName?.dns, ["www.example.com", "*.example.com"]);
  assert.equal(
    parsed.errors[0],
    "Cannot read certificate: element at octet 0 reaches 180 octets beyond its container",
  );
});

Deno.test("one octet changed anywhere never throws", () => {
  for (const what of ["full", "authority", "DSA", "every extension"]) {
    const der = generated.get(what)!;
    const changed = der.slice();
    for (let offset = 0; offset < der.length; offset += 1) {
      for (const value of [0x00, 0x1f, 0x30, 0x7f, 0x80, 0x84, 0xff, der[offset]! ^ 1]) {
        changed[offset] = value;
        parseCertificate(changed);
      }
      changed[offset] = der[offset]!;
    }
  }
});

Deno.test("nothing, and what is no certificate", () => {
  parse(octets(), "Cannot read certificate: element missing at octet 0");
  parse(octets(0x30), "Cannot read certificate: length missing at octet 1");
  parse(
    new TextEncoder().encode("HTTP/1.1 400 Bad Request"),
    "Cannot read certificate: tag 72 where 48 is expected at octet 0",
  );
  parse(octets(0x30, 0x80, 0, 0), "Cannot read certificate: indefinite length at octet 1");
  parse(octets(0x30, 0x81, 0x05), "Cannot read certificate: length not minimal at octet 1");
});

Deno.test("trailing octets are told, the data is kept", () => {
  const der = certificate();
  const parsed = parse(
    octets(...der, 0, 0),
    `Cannot read certificate: 2 octets trail at octet ${der.length}`,
  );
  assert.equal(parsed.subject?.commonName, "example.com");
});

Deno.test("of duplicate extensions the first counts", () => {
  const parsed = parse(
    certificate({
      extensions: [
        subjectAlternativeName(text(0x82, "first.example")),
        subjectAlternativeName(text(0x82, "second.example")),
        extension("2.5.29.14", element(0x04, octets(1))),
      ],
    }),
    "Cannot read subjectAlternativeName: duplicate at octet 235",
  );
  assert.deepEqual(parsed.subjectAlternativeName?.dns, ["first.example"]);
  assert.equal(parsed.subjectKeyIdentifier, "01");
});

Deno.test("a broken extension leaves the others", () => {
  const parsed = parse(
    certificate({
      extensions: [
        extension("2.5.29.17", sequence(text(0x82, "good.example"), octets(0x82, 0x20, 0x61))),
        extension("2.5.29.19", octets(0x30, 0x03, 0x01, 0x02)),
        extension("2.5.29.15", element(0x03, octets(9, 0x80))),
        extension("2.5.29.37", sequence(objectIdentifier("1.3.6.1.5.5.7.3.1"), element(0x06))),
        sequence(element(0x06, octets(0x80, 1)), element(0x04)),
        extension("2.5.29.14", element(0x04, octets(1))),
      ],
    }),
    "Cannot read subjectAlternativeName: element at octet 232 reaches 31 octets beyond its container",
    "Cannot read basicConstraints: element at octet 244 reaches 1 octets beyond its container",
    "Cannot read keyUsage: bit string malformed at octet 259",
    "Cannot read extendedKeyUsage: object identifier empty at octet 284",
    "Cannot read extension: object identifier arc not minimal at octet 288",
  );
  assert.deepEqual(parsed.subjectAlternativeName?.dns, ["good.example"]);
  assert.equal(parsed.basicConstraints, null);
  assert.equal(parsed.keyUsage, null);
  assert.deepEqual(parsed.extendedKeyUsage, ["serverAuth"]);
  assert.equal(parsed.subjectKeyIdentifier, "01");
});

Deno.test("broken fields leave the others", () => {
  const parsed = parse(
    certificate({
      version: element(0xa0, element(0x02, octets(7))),
      serialNumber: element(0x02),
      issuer: sequence(element(0x31, octets(0x30, 0x05))),
      notBefore: text(0x17, "240230000000Z"),
      publicKey: sequence(sequence(objectIdentifier("1.3.101.112")), element(0x03)),
    }),
    "Cannot read version: no known version at octet 9",
    "Cannot read serialNumber: integer empty at octet 12",
    "Cannot read issuer: element at octet 28 reaches 5 octets beyond its container",
    'Cannot read notBefore: "240230000000Z" is no UTCTime at octet 34',
    "Cannot read subjectPublicKeyInfo: key is not whole octets at octet 97",
  );
  assert.deepEqual(plain(parsed.issuer), {
    der: "300431023005",
    relativeNames: [[]],
    commonName: null,
    organization: null,
  });
  assert.equal(parsed.notAfter, "2049-12-31T23:59:59Z");
  assert.equal(parsed.subject?.commonName, "example.com");
  assert.equal(parsed.publicKey?.algorithm, "Ed25519");
});

Deno.test("a missing field ends what can be found inside, not outside", () => {
  const signature = sequence(objectIdentifier("1.2.840.10045.4.3.2"));
  const parsed = parse(
    sequence(sequence(element(0x02, octets(5))), signature, element(0x03, octets(0))),
    "Cannot read signature: element missing at octet 7",
  );
  assert.equal(parsed.serialNumber, "05");
  assert.equal(parsed.signatureAlgorithm?.name, "ecdsa-with-SHA256");
});

Deno.test("values that DER or RFC 5280 forbid are read and told", () => {
  const padded = parse(
    certificate({ serialNumber: element(0x02, octets(0, 5)) }),
    "Cannot read serialNumber: integer not minimal at octet 14",
  );
  assert.equal(padded.serialNumber, "05");

  const mismatched = parse(
    certificate({ outerSignature: sequence(objectIdentifier("1.3.101.112")) }),
    "Cannot read signatureAlgorithm: Ed25519 is not the signed ecdsa-with-SHA256",
  );
  assert.equal(mismatched.signatureAlgorithm?.name, "ecdsa-with-SHA256");

  const address = parse(
    certificate({ extensions: [subjectAlternativeName(element(0x87, octets(1, 2, 3)))] }),
    "Cannot read subjectAlternativeName: address of 3 octets at octet 219",
  );
  assert.deepEqual(plain(address.subjectAlternativeName?.other), [{ kind: "iPAddress", der: "8703010203" }]);

  const negative = extension("2.5.29.19", sequence(element(0x01, octets(1)), element(0x02, octets(0xff))));
  const constraints = parse(
    certificate({ extensions: [negative] }),
    "Cannot read basicConstraints: path length out of range at octet 222",
  );
  assert.deepEqual(constraints.basicConstraints, { isAuthority: true, pathLength: null });
});

Deno.test("a key cut short has no fingerprint", () => {
  const tbs = sequence(
    element(0x02, octets(5)),
    sequence(objectIdentifier("1.3.101.112")),
    commonName("issuer"),
    sequence(text(0x17, "240229000000Z"), text(0x17, "240229000000Z")),
    commonName("subject"),
    keys.P_256.subarray(0, 40),
  );
  const parsed = parseCertificate(sequence(tbs));
  assert.equal(parsed.publicKey, null);
  assert.equal(parsed.subject?.commonName, "subject");
});

Deno.test("a certificate of nothing but errors does not fill the log", () => {
  const extensions = Array.from({ length: 5000 }, () => sequence());
  assert.equal(parseCertificate(certificate({ extensions })).errors.length, 16);
});
