import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { X509Certificate } from "node:crypto";
import { fingerprint, parseCertificate } from "../../../src/x509/mod.ts";
import { generated, systemRoots } from "./samples.ts";

const CURVES: Readonly<Record<string, string>> = {
  "P-256": "prime256v1",
  "P-384": "secp384r1",
  "P-521": "secp521r1",
};

/** As PEM, because Deno 2.4 makes nothing of DER. */
function read(der: Uint8Array): X509Certificate {
  const base64 = Buffer.from(der).toString("base64");
  return new X509Certificate(`-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`);
}

function compare(what: string, der: Uint8Array): void {
  const theirs = read(der);
  const ours = parseCertificate(der);
  assert.equal(fingerprint(der), theirs.fingerprint256.replaceAll(":", "").toLowerCase(), what);
  assert.equal(BigInt(`0x${ours.serialNumber}`), BigInt(`0x${theirs.serialNumber}`), what);
  assert.equal(Date.parse(ours.notBefore!), Date.parse(theirs.validFrom), what);
  assert.equal(Date.parse(ours.notAfter!), Date.parse(theirs.validTo), what);
  assert.equal(ours.basicConstraints?.isAuthority ?? false, theirs.ca, what);
}

function compareKey(what: string, der: Uint8Array): void {
  const theirs = read(der).publicKey;
  const ours = parseCertificate(der).publicKey!;
  assert.equal(ours.algorithm?.toLowerCase(), theirs.asymmetricKeyType, what);
  const details = theirs.asymmetricKeyDetails!;
  if (ours.algorithm === "RSA") assert.equal(ours.bits, details.modulusLength, what);
  if (ours.algorithm === "EC") assert.equal(CURVES[ours.curve!], aliasOf(details.namedCurve!), what);
}

/** Runtimes differ in what they call a curve. */
function aliasOf(curve: string): string {
  return CURVES[curve.replace(/^p/, "P-")] ?? CURVES[curve] ?? curve;
}

/** What Deno's X509Certificate does not take; pkijs does. */
const UNSUPPORTED = new Set(["negative serial number"]);
/** Keys that it takes. */
const SUPPORTED_KEYS = ["plain", "RSA-2048", "RSA-512", "P-384"];

Deno.test("fields of the generated certificates equal what node:crypto reads", () => {
  for (const [what, der] of generated) {
    if (!UNSUPPORTED.has(what)) compare(what, der);
  }
});

Deno.test("keys of the generated certificates equal what node:crypto reads", () => {
  for (const what of SUPPORTED_KEYS) compareKey(what, generated.get(what)!);
});

Deno.test("fields and keys of the system's roots equal what node:crypto reads", () => {
  for (const [file, der] of systemRoots()) {
    compare(file, der);
    compareKey(file, der);
  }
});
