/**
 * Claim: reading a certificate costs less than with the reader that most TypeScript programs use.
 *
 * Peer: pkijs and asn1js, filling the same fields as `ParsedCertificate`: names, dates, serial number, key with its
 * digest, alternative names, usages, constraints, identifiers, and the fingerprint. The key's octets for the digest
 * are taken from asn1js's tree, which is cheaper than encoding them again.
 *
 * Method: both go over Debian's root certificates again and again, in turn; every certificate is read from its DER
 * each time, and both must agree on the key's digest and the identifier of each.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import * as asn1js from "asn1js";
import * as pkijs from "pkijs";
import { fingerprint, parseCertificate } from "../src/x509/mod.ts";
import type { Bench, Measurement } from "./bench.ts";
import { compareReaders, readRoots } from "./roots.ts";

export const x509Pkijs: Bench = {
  name: "x509_pkijs",
  sentence:
    "Reading and hashing a certificate (Debian's roots) beside pkijs with asn1js, which fills the same fields.",
  unit: "certificates/s",
  programs: [],
  rounds: 9,
  run,
};

async function run(rounds: number): Promise<Measurement> {
  const roots = readRoots();
  for (const der of roots) {
    const ours = parseCertificate(der);
    const theirs = read(der);
    assert.equal(ours.publicKey?.fingerprint, theirs.keyFingerprint);
    assert.equal(ours.subjectKeyIdentifier, theirs.subjectKeyIdentifier);
  }
  return await compareReaders(rounds, roots, read);
}

function read(der: Buffer<ArrayBuffer>) {
  const { result } = asn1js.fromBER(der);
  const certificate = new pkijs.Certificate({ schema: result });
  const extensions = new Map(certificate.extensions?.map((extension) => [extension.extnID, extension]));
  const parsed = <Value>(identifier: string) =>
    (extensions.get(identifier)?.parsedValue ?? null) as Value | null;
  const alternative = parsed<pkijs.AltName>("2.5.29.17");
  const constraints = parsed<pkijs.BasicConstraints>("2.5.29.19");
  const usage = parsed<asn1js.BitString>("2.5.29.15");
  const purposes = parsed<pkijs.ExtKeyUsage>("2.5.29.37");
  const subjectKey = parsed<asn1js.OctetString>("2.5.29.14");
  const authorityKey = parsed<pkijs.AuthorityKeyIdentifier>("2.5.29.35");
  const key = certificate.subjectPublicKeyInfo;
  return {
    version: certificate.version + 1,
    serialNumber: hex(certificate.serialNumber.valueBlock.valueHexView),
    signatureAlgorithm: certificate.signature.algorithmId,
    issuer: attributes(certificate.issuer),
    subject: attributes(certificate.subject),
    isSelfIssued: certificate.issuer.isEqual(certificate.subject),
    notBefore: certificate.notBefore.value.toISOString(),
    notAfter: certificate.notAfter.value.toISOString(),
    keyAlgorithm: key.algorithm.algorithmId,
    keyBits: key.subjectPublicKey.valueBlock.valueHexView.length * 8,
    keyFingerprint: fingerprint(publicKeyOctets(result as asn1js.Sequence)),
    alternativeNames: alternative?.altNames.map(({ type, value }) => ({ type, value })) ?? null,
    constraints: constraints && { isAuthority: constraints.cA, pathLength: constraints.pathLenConstraint },
    usage: usage && hex(usage.valueBlock.valueHexView),
    purposes: purposes?.keyPurposes ?? null,
    subjectKeyIdentifier: subjectKey && hex(subjectKey.valueBlock.valueHexView),
    authorityKeyIdentifier: authorityKey?.keyIdentifier
      ? hex(authorityKey.keyIdentifier.valueBlock.valueHexView)
      : null,
    fingerprint: fingerprint(der),
  };
}

function attributes(name: pkijs.RelativeDistinguishedNames) {
  return name.typesAndValues.map(({ type, value }) => ({ type, value: String(value.valueBlock.value) }));
}

/** The SubjectPublicKeyInfo: the sixth field behind the version, which old certificates leave out. */
function publicKeyOctets(certificate: asn1js.Sequence): Uint8Array {
  const fields = (certificate.valueBlock.value[0] as asn1js.Sequence).valueBlock.value;
  const contextSpecific = 3;
  const index = fields[0]!.idBlock.tagClass === contextSpecific ? 6 : 5;
  return fields[index]!.valueBeforeDecodeView;
}

function hex(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString("hex");
}
