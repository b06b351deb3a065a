/**
 * Claim: reading a certificate in TypeScript costs less than crossing into the runtime's own reader.
 *
 * Peer: `X509Certificate` of `node:crypto` in the same runtime, asked for what it has: names, dates, serial number,
 * fingerprint, alternative names, usages, and the key's type and digest. It has no key identifiers, constraints only
 * as a flag, and names only as text; margay reads those too.
 *
 * Method: both go over Debian's root certificates again and again, in turn; every certificate is read from its DER
 * each time, and both must agree on the fingerprint of each and of its key.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Buffer } from "node:buffer";
import { X509Certificate } from "node:crypto";
import { fingerprint, parseCertificate } from "../src/x509/mod.ts";
import type { Bench, Measurement } from "./bench.ts";
import { compareReaders, readRoots } from "./roots.ts";

export const x509Node: Bench = {
  name: "x509_node",
  sentence:
    "Reading and hashing a certificate (Debian's roots) beside X509Certificate of node:crypto in the same runtime.",
  unit: "certificates/s",
  programs: [],
  rounds: 9,
  run,
};

async function run(rounds: number): Promise<Measurement> {
  const roots = readRoots();
  for (const der of roots) {
    const theirs = read(der);
    assert.equal(fingerprint(der), theirs.fingerprint.replaceAll(":", "").toLowerCase());
    assert.equal(parseCertificate(der).publicKey?.fingerprint, theirs.keyFingerprint);
  }
  return await compareReaders(rounds, roots, read);
}

function read(der: Buffer<ArrayBuffer>) {
  const certificate = new X509Certificate(der);
  const key = certificate.publicKey;
  return {
    serialNumber: certificate.serialNumber,
    issuer: certificate.issuer,
    subject: certificate.subject,
    validFrom: certificate.validFrom,
    validTo: certificate.validTo,
    alternativeName: certificate.subjectAltName,
    isAuthority: certificate.ca,
    keyUsage: certificate.keyUsage,
    keyType: key.asymmetricKeyType,
    keyFingerprint: fingerprint(key.export({ type: "spki", format: "der" })),
    fingerprint: certificate.fingerprint256,
  };
}
