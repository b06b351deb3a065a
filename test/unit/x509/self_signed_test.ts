import assert from "node:assert/strict";
import { claimsSelfSigned, parseCertificate } from "../../../src/x509/mod.ts";
import { certificate, commonName, element, extension, octets, sequence } from "./build.ts";

const ROOT = commonName("Root");
const SUBJECT_KEY = extension("2.5.29.14", element(0x04, octets(1, 2)));

function authorityKey(...identifier: readonly number[]): Uint8Array {
  return extension("2.5.29.35", sequence(element(0x80, octets(...identifier))));
}

function claims(subject: Uint8Array, ...extensions: readonly Uint8Array[]): boolean {
  return claimsSelfSigned(parseCertificate(certificate({ issuer: ROOT, subject, extensions })));
}

Deno.test("names and key identifiers decide", () => {
  assert.equal(claims(ROOT), true);
  assert.equal(claims(ROOT, SUBJECT_KEY), true);
  assert.equal(claims(ROOT, SUBJECT_KEY, authorityKey(1, 2)), true);
  assert.equal(claims(ROOT, SUBJECT_KEY, authorityKey(1, 3)), false);
  assert.equal(claims(commonName("Leaf"), SUBJECT_KEY, authorityKey(1, 2)), false);
});
