import assert from "node:assert/strict";
import { fingerprint, parseCertificate, type PublicKey } from "../../../src/x509/mod.ts";
import { certificate, element, objectIdentifier, octets, sequence } from "./build.ts";
import * as keys from "./keys.ts";
import { plain } from "./plain.ts";

/** The key of a certificate that is without a flaw. */
function read(publicKey: Uint8Array): PublicKey {
  const parsed = parseCertificate(certificate({ publicKey }));
  assert.deepEqual(parsed.errors, []);
  return parsed.publicKey!;
}

/** A SubjectPublicKeyInfo of whatever octets. */
function keyOf(identifier: string, content: Uint8Array, ...parameters: readonly Uint8Array[]): Uint8Array {
  return sequence(
    sequence(objectIdentifier(identifier), ...parameters),
    element(0x03, octets(0), content),
  );
}

const EC = "1.2.840.10045.2.1";
const DSA = "1.2.840.10040.4.1";

Deno.test("keys of every kind", () => {
  const value = element(0x02, octets(1));
  const expected: readonly [Uint8Array, string, number | null, string | null][] = [
    [keys.RSA_2048, "RSA", 2048, null],
    [keys.RSASSA_PSS_1024, "RSASSA-PSS", 1024, null],
    [keys.P_256, "EC", 256, "P-256"],
    [keys.P_384, "EC", 384, "P-384"],
    [keys.P_521, "EC", 521, "P-521"],
    [keys.EXPLICIT_CURVE, "EC", null, null],
    [keyOf(EC, octets(4, 1, 2), objectIdentifier("1.2.3.5")), "EC", null, "1.2.3.5"],
    [keyOf(EC, octets(4, 1, 2), objectIdentifier("1.2.156.10197.1.301")), "EC", 256, "SM2"],
    [keys.ED25519, "Ed25519", 256, null],
    [keys.ED448, "Ed448", 456, null],
    [keyOf("1.3.101.110", new Uint8Array(32)), "X25519", 255, null],
    [keyOf("1.3.101.111", new Uint8Array(56)), "X448", 448, null],
    [keys.DSA_1024, "DSA", 1024, null],
    [keyOf(DSA, value), "DSA", null, null],
    [keyOf("2.16.840.1.101.3.4.3.17", new Uint8Array(1312)), "ML-DSA-44", 10496, null],
    [keyOf("2.16.840.1.101.3.4.3.20", new Uint8Array(32)), "SLH-DSA-SHA2-128s", 256, null],
    [keyOf("2.16.840.1.101.3.4.3.31", new Uint8Array(64)), "SLH-DSA-SHAKE-256f", 512, null],
    [keyOf("2.16.840.1.101.3.4.4.2", new Uint8Array(1184)), "ML-KEM-768", 9472, null],
    [keyOf("1.3.9999.3.11", new Uint8Array(897)), "Falcon-512", 7176, null],
    [keyOf("1.2.643.7.1.1.1.1", octets(4, 0)), "GOST R 34.10-2012", 256, null],
    [keyOf("1.2.3.4", octets(1)), "1.2.3.4", null, null],
  ];
  for (const [der, algorithm, bits, curve] of expected) {
    const key = read(der);
    assert.deepEqual([key.algorithm, key.bits, key.curve], [algorithm, bits, curve]);
    assert.equal(key.fingerprint, fingerprint(der));
    assert.deepEqual(key.der, der);
  }
});

Deno.test("the numbers of an RSA key", () => {
  const key = read(keys.RSA_2048);
  const text = plain(key.rsa) as Record<string, string>;
  assert.equal(text.exponent, "010001");
  assert.equal(text.modulus!.length, 512);
  assert.match(text.modulus!, /^b76d309769b4117c/);
  assert.equal(key.identifier, "1.2.840.113549.1.1.1");
  assert.equal(plain(key.parameters), "0500");
});

Deno.test("the point of an EC key", () => {
  const key = read(keys.P_256);
  assert.deepEqual(plain(key.point), {
    x: "228e83e5dbe857f917171893c37b07042c3cff37bde1c78a0f42973a611a573a",
    y: "8394bf1ab7cf833e30e3e4897ffc0ff8c8805be8c9c392b9e3986858cfec8d06",
  });
  assert.equal(plain(key.parameters), "06082a8648ce3d030107");
  const compressed = read(keyOf(EC, octets(3, 1, 2), objectIdentifier("1.2.3.5")));
  assert.deepEqual(plain(compressed.point), { x: "0102", y: null });
});

Deno.test("octets that are no point", () => {
  for (const content of [octets(), octets(0), octets(4), octets(4, 1), octets(5, 1, 2)]) {
    const publicKey = keyOf(EC, content, objectIdentifier("1.2.840.10045.3.1.7"));
    const parsed = parseCertificate(certificate({ publicKey }));
    assert.equal(parsed.publicKey?.point, null);
    assert.deepEqual(parsed.errors, ["Cannot read subjectPublicKeyInfo: no point at octet 136"]);
  }
});

Deno.test("the numbers of a DSA key", () => {
  const { prime, subprime, generator, value } = read(keys.DSA_1024).dsa!;
  assert.deepEqual([prime, subprime, generator, value].map((number) => number?.length), [128, 28, 128, 128]);
  const inherited = read(keyOf(DSA, element(0x02, octets(0, 0x80)))).dsa;
  assert.deepEqual(plain(inherited), { prime: null, subprime: null, generator: null, value: "80" });
});

Deno.test("a key that is nothing but octets", () => {
  const key = read(keys.ED25519);
  assert.equal(plain(key.octets), "55235d98b312dd0e41f1d92e3258edf6f835e4630bb6a6104ba820fe7d043263");
  assert.deepEqual([key.rsa, key.point, key.dsa, key.parameters], [null, null, null, null]);
});

Deno.test("a key of the wrong length, and a negative modulus, are told", () => {
  const short = keyOf("1.3.101.112", new Uint8Array(31));
  assert.deepEqual(parseCertificate(certificate({ publicKey: short })).errors, [
    "Cannot read subjectPublicKeyInfo: Ed25519 key of 31 octets at octet 122",
  ]);
  const numbers = sequence(element(0x02, octets(0x80)), element(0x02, octets(3)));
  const negative = keyOf("1.2.840.113549.1.1.1", numbers, element(0x05));
  assert.deepEqual(parseCertificate(certificate({ publicKey: negative })).errors, [
    "Cannot read subjectPublicKeyInfo: number negative at octet 134",
  ]);
});
