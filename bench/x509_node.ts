/**
 * Claim: reading all of a certificate in TypeScript costs less than having the runtime's own reader tell the little
 * that it knows.
 *
 * Peer: `X509Certificate` of `node:crypto` in the same runtime, asked for what it has: names, dates, serial number,
 * fingerprint, alternative names, usages, and the key's type and digest. margay fills every field and all digests.
 *
 * Method: both go over Debian's root certificates and 10,000 leaves of 1 to 100 names, in turn; every certificate is
 * read from its DER each time, and both must agree on the fingerprint of each and of its key.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Buffer } from "node:buffer";
import { X509Certificate } from "node:crypto";
import { fingerprint } from "../src/x509/mod.ts";
import type { Bench, Measurement } from "./bench.ts";
import { compareReaders, readCorpus, readEverything } from "./x509_readers.ts";

export const x509Node: Bench = {
  name: "x509_node",
  sentence:
    "Every field and all digests of Debian's roots and 10,000 leaves of 1 to 100 names, beside the few fields " +
    "of node:crypto's X509Certificate.",
  unit: "certificates/s",
  programs: [],
  rounds: 9,
  run,
};

async function run(rounds: number): Promise<Measurement> {
  const corpus = readCorpus();
  for (const der of corpus) {
    const ours = readEverything(der).digests;
    const theirs = read(der);
    assert.equal(ours.sha256, theirs.fingerprint.replaceAll(":", "").toLowerCase());
    assert.equal(ours.publicKey, theirs.keyFingerprint);
  }
  return await compareReaders(rounds, corpus, read);
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
