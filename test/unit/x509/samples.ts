/**
 * Well-formed certificates, plain and odd, for the tests that compare with other parsers or break what they are
 * given.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { readdirSync, readFileSync } from "node:fs";
import {
  certificate,
  commonName,
  element,
  extension,
  name,
  objectIdentifier,
  octets,
  type Parts,
  sequence,
  subjectAlternativeName,
  text,
} from "./build.ts";
import { EVERY_EXTENSION } from "./extension_samples.ts";
import * as keys from "./keys.ts";

const SYSTEM_ROOTS = "/etc/ssl/certs";

/** An RSA key of a made-up modulus. */
function rsaKey(bits: number): Uint8Array {
  const modulus = new Uint8Array(bits / 8).fill(0xc5);
  const key = sequence(element(0x02, octets(0), modulus), element(0x02, octets(1, 0, 1)));
  const algorithm = sequence(objectIdentifier("1.2.840.113549.1.1.1"), element(0x05));
  return sequence(algorithm, element(0x03, octets(0), key));
}

/** Every field, and the extensions that most certificates have. */
export const FULL: Parts = {
  serialNumber: element(0x02, octets(0, 0xf0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13)),
  issuer: name(
    ["2.5.4.6", text(0x13, "NL")],
    ["2.5.4.10", text(0x0c, "Über Trust, B.V.")],
    ["2.5.4.3", text(0x0c, "Über Trust CA 1")],
  ),
  subject: name(
    ["2.5.4.6", text(0x13, "DE")],
    ["2.5.4.8", text(0x0c, "Bayern")],
    ["2.5.4.7", text(0x0c, "München")],
    ["2.5.4.10", text(0x13, "Example GmbH")],
    ["2.5.4.11", text(0x13, "One")],
    ["2.5.4.11", text(0x13, "Two")],
    ["2.5.4.5", text(0x13, "HRB 1234")],
    ["1.2.840.113549.1.9.1", text(0x16, "admin@example.com")],
    ["0.9.2342.19200300.100.1.25", text(0x16, "example")],
    ["2.5.4.3", text(0x0c, "www.example.com")],
  ),
  extensions: [
    extension("2.5.29.35", sequence(element(0x80, octets(9, 8, 7, 6)))),
    extension("2.5.29.14", element(0x04, octets(1, 2, 3, 4))),
    subjectAlternativeName(
      text(0x82, "www.example.com"),
      text(0x82, "*.example.com"),
      element(0x87, octets(192, 0, 2, 1)),
      element(0x87, octets(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)),
      text(0x86, "https://example.com/a?b=c"),
      text(0x81, "admin@example.com"),
    ),
    extension("2.5.29.15", element(0x03, octets(5, 0xa0)), true),
    extension("2.5.29.19", sequence(), true),
    extension(
      "2.5.29.37",
      sequence(objectIdentifier("1.3.6.1.5.5.7.3.1"), objectIdentifier("1.3.6.1.5.5.7.3.2")),
    ),
    extension("1.3.6.1.4.1.11129.2.4.3", element(0x05), true),
  ],
};

const AUTHORITY: Parts = {
  subject: commonName("Test Authority"),
  publicKey: keys.P_384,
  extensions: [
    extension("2.5.29.19", sequence(element(0x01, octets(0xff)), element(0x02, octets(3))), true),
    extension("2.5.29.15", element(0x03, octets(1, 0x06)), true),
    extension(
      "2.5.29.35",
      sequence(
        element(0x80, octets(1, 2)),
        element(0xa1, element(0xa4, commonName("Root"))),
        element(0x82, octets(0x7f, 0xff)),
      ),
    ),
  ],
};

/** RFC 9881. */
const ML_DSA_44 = sequence(objectIdentifier("2.16.840.1.101.3.4.3.17"));

const GENERATED: Readonly<Record<string, Parts>> = {
  "plain": {},
  "full": FULL,
  "authority": AUTHORITY,
  "every extension": { extensions: EVERY_EXTENSION },
  "RSA-2048": { publicKey: keys.RSA_2048 },
  "RSA-512": { publicKey: rsaKey(512) },
  "RSA-16384": { publicKey: rsaKey(16384) },
  "P-384": { publicKey: keys.P_384 },
  "P-521": { publicKey: keys.P_521 },
  "Ed25519": { publicKey: keys.ED25519, signature: sequence(objectIdentifier("1.3.101.112")) },
  "Ed448": { publicKey: keys.ED448, signature: sequence(objectIdentifier("1.3.101.113")) },
  "DSA": { publicKey: keys.DSA_1024 },
  "ML-DSA-44": {
    publicKey: sequence(ML_DSA_44, element(0x03, octets(0), new Uint8Array(1312).fill(0x3c))),
    signature: ML_DSA_44,
  },
  "version 1": { version: octets() },
  "no common name": { subject: name(["2.5.4.10", text(0x13, "Nameless")]) },
  "empty subject": { subject: name() },
  "BMPString": { subject: name(["2.5.4.3", element(0x1e, octets(0x00, 0x41, 0x04, 0x16, 0x4e, 0x2d))]) },
  "TeletexString": { subject: name(["2.5.4.3", element(0x14, octets(0x41, 0x42))]) },
  "two attributes in one relative name": {
    subject: sequence(
      element(
        0x31,
        sequence(objectIdentifier("2.5.4.3"), text(0x0c, "a")),
        sequence(objectIdentifier("2.5.4.11"), text(0x0c, "b")),
      ),
    ),
  },
  "negative serial number": { serialNumber: element(0x02, octets(0xff, 0x7f)) },
  "serial number zero": { serialNumber: element(0x02, octets(0)) },
  "year 1950": { notBefore: text(0x17, "500101000000Z") },
  "year 2050": { notAfter: text(0x18, "20500101000000Z") },
  "year 9999": { notAfter: text(0x18, "99991231235959Z") },
  "500 names": {
    extensions: [
      subjectAlternativeName(
        ...Array.from({ length: 500 }, (_, index) => text(0x82, `host-${index}.example.com`)),
      ),
    ],
  },
};

/** Certificates made here, by what is special about them. */
export const generated: ReadonlyMap<string, Uint8Array> = new Map(
  Object.entries(GENERATED).map(([what, parts]) => [what, certificate(parts)]),
);

/** Certificates that other parsers read all the same, by what is wrong with them. */
export const flawed: ReadonlyMap<string, Uint8Array> = new Map([
  [
    "duplicate extensions",
    certificate({
      extensions: [
        subjectAlternativeName(text(0x82, "first.example")),
        subjectAlternativeName(text(0x82, "second.example")),
      ],
    }),
  ],
  ["trailing octets", octets(...certificate(FULL), 0, 0, 0)],
]);

/** The certificate of {@linkcode FULL}. */
export const full: Uint8Array = certificate(FULL);

/** The system's root certificates; none where the system has none. */
export function systemRoots(): ReadonlyMap<string, Uint8Array> {
  const roots = new Map<string, Uint8Array>();
  for (const file of listPem()) {
    const pem = readFileSync(`${SYSTEM_ROOTS}/${file}`, "latin1");
    for (const [index, block] of pem.split("-----BEGIN CERTIFICATE-----").slice(1).entries()) {
      const base64 = block.slice(0, block.indexOf("-----END"));
      roots.set(`${file} ${index}`, new Uint8Array(Buffer.from(base64, "base64")));
    }
  }
  return roots;
}

function listPem(): string[] {
  try {
    return readdirSync(SYSTEM_ROOTS).filter((file) => file.endsWith(".pem"));
  } catch {
    return [];
  }
}
