/**
 * Claim: reading all of a certificate costs a small part of what it costs with the reader that most TypeScript
 * programs use.
 *
 * Peer: pkijs and asn1js, filling the same fields as `ParsedCertificate` and `CertificateDigests` (the unit tests
 * hold each of them against ours). Octets that asn1js has already are not encoded again.
 *
 * Method: both go over Debian's root certificates and 10,000 leaves of 1 to 100 names, in turn; every certificate is
 * read from its DER each time, and both must agree on the digests.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Buffer } from "node:buffer";
import { unicodeName } from "../src/x509/mod.ts";
import { readWithPkijs } from "../test/unit/x509/pkijs_reader.ts";
import type { Bench, Measurement } from "./bench.ts";
import { compareReaders, readCorpus, readEverything } from "./x509_readers.ts";

export const x509Pkijs: Bench = {
  name: "x509_pkijs",
  sentence:
    "Every field and all digests of Debian's roots and 10,000 leaves of 1 to 100 names, beside pkijs with " +
    "asn1js, which fills the same fields.",
  unit: "certificates/s",
  programs: [],
  rounds: 9,
  run,
};

async function run(rounds: number): Promise<Measurement> {
  const corpus = readCorpus();
  for (const der of corpus.slice(0, 300)) {
    assert.deepEqual(readEverything(der).digests.publicKeyAndSubject, read(der).digests.publicKeyAndSubject);
  }
  return await compareReaders(rounds, corpus, read);
}

function read(der: Buffer<ArrayBuffer>) {
  const certificate = readWithPkijs(der);
  const names = certificate.subjectAlternativeName ?? [];
  const unicode = names.map(([kind, value]) => kind === 2 ? unicodeName(value as string) : null);
  return { ...certificate, unicode };
}
