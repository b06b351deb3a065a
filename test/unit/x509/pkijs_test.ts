import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import * as asn1js from "asn1js";
import * as pkijs from "pkijs";
import {
  fingerprint,
  type GeneralNames,
  parseCertificate,
  type ParsedCertificate,
} from "../../../src/x509/mod.ts";
import { generated, systemRoots } from "./samples.ts";

/** Object identifiers behind our names, written down again so that a slip in one table shows. */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  CN: "2.5.4.3",
  serialNumber: "2.5.4.5",
  C: "2.5.4.6",
  L: "2.5.4.7",
  ST: "2.5.4.8",
  street: "2.5.4.9",
  O: "2.5.4.10",
  OU: "2.5.4.11",
  postalCode: "2.5.4.17",
  organizationIdentifier: "2.5.4.97",
  DC: "0.9.2342.19200300.100.1.25",
  emailAddress: "1.2.840.113549.1.9.1",
};
const SIGNATURES: Readonly<Record<string, string>> = {
  sha1WithRSAEncryption: "1.2.840.113549.1.1.5",
  sha256WithRSAEncryption: "1.2.840.113549.1.1.11",
  sha384WithRSAEncryption: "1.2.840.113549.1.1.12",
  sha512WithRSAEncryption: "1.2.840.113549.1.1.13",
  "ecdsa-with-SHA256": "1.2.840.10045.4.3.2",
  "ecdsa-with-SHA384": "1.2.840.10045.4.3.3",
  Ed25519: "1.3.101.112",
  Ed448: "1.3.101.113",
};
const KEYS: Readonly<Record<string, string>> = {
  RSA: "1.2.840.113549.1.1.1",
  EC: "1.2.840.10045.2.1",
  DSA: "1.2.840.10040.4.1",
  Ed25519: "1.3.101.112",
  Ed448: "1.3.101.113",
};
const PURPOSES: Readonly<Record<string, string>> = {
  serverAuth: "1.3.6.1.5.5.7.3.1",
  clientAuth: "1.3.6.1.5.5.7.3.2",
};
const USAGES = [
  "digitalSignature",
  "nonRepudiation",
  "keyEncipherment",
  "dataEncipherment",
  "keyAgreement",
  "keyCertSign",
  "cRLSign",
  "encipherOnly",
  "decipherOnly",
];

function hex(buffer: ArrayBuffer): string {
  return Buffer.from(buffer).toString("hex");
}

function attributeValue(value: asn1js.BaseBlock): string {
  return String((value.valueBlock as unknown as { value: string }).value);
}

/** What pkijs says, in the shape of {@linkcode ours}. */
function theirs(der: Uint8Array) {
  const certificate = pkijs.Certificate.fromBER(Uint8Array.from(der));
  const parsed = <Value>(identifier: string): Value | null => {
    const found = certificate.extensions?.find((extension) => extension.extnID === identifier);
    return (found?.parsedValue as Value | undefined) ?? null;
  };
  const alternative = parsed<pkijs.AltName>("2.5.29.17");
  const constraints = parsed<pkijs.BasicConstraints>("2.5.29.19");
  const usage = parsed<asn1js.BitString>("2.5.29.15");
  const purposes = parsed<pkijs.ExtKeyUsage>("2.5.29.37");
  const subjectKey = parsed<asn1js.OctetString>("2.5.29.14");
  const authorityKey = parsed<pkijs.AuthorityKeyIdentifier>("2.5.29.35");
  return {
    version: certificate.version + 1,
    serialNumber: BigInt.asIntN(
      certificate.serialNumber.valueBlock.valueHexView.length * 8,
      BigInt(`0x${hex(certificate.serialNumber.valueBlock.valueHexView.slice().buffer)}`),
    ),
    signature: certificate.signature.algorithmId,
    issuer: certificate.issuer.typesAndValues.map(({ type, value }) => `${type}=${attributeValue(value)}`),
    subject: certificate.subject.typesAndValues.map(({ type, value }) => `${type}=${attributeValue(value)}`),
    notBefore: certificate.notBefore.value.getTime(),
    notAfter: certificate.notAfter.value.getTime(),
    key: certificate.subjectPublicKeyInfo.algorithm.algorithmId,
    keyDigest: fingerprint(new Uint8Array(certificate.subjectPublicKeyInfo.toSchema().toBER())),
    alternative: alternative?.altNames.map((name) => `${name.type}=${alternativeValue(name)}`).sort() ?? null,
    constraints: constraints && {
      isAuthority: constraints.cA,
      pathLength: constraints.pathLenConstraint === undefined ? null : Number(constraints.pathLenConstraint),
    },
    usage: usage && USAGES.filter((_, bit) => usageBit(usage, bit)),
    purposes: purposes?.keyPurposes ?? null,
    subjectKey: subjectKey && hex(subjectKey.valueBlock.valueHexView.slice().buffer),
    authorityKey: authorityKey &&
      (authorityKey.keyIdentifier
        ? hex(authorityKey.keyIdentifier.valueBlock.valueHexView.slice().buffer)
        : null),
  };
}

function usageBit(usage: asn1js.BitString, bit: number): boolean {
  return ((usage.valueBlock.valueHexView[bit >> 3] ?? 0) & 0x80 >> (bit & 7)) !== 0;
}

function alternativeValue(name: pkijs.GeneralName): string {
  if (name.type === 7) return hex((name.value as asn1js.OctetString).valueBlock.valueHexView.slice().buffer);
  return typeof name.value === "string" ? name.value : "raw";
}

/** What we say, translated back to numbers and identifiers. */
function ours(der: Uint8Array) {
  const parsed = parseCertificate(der);
  assert.deepEqual(parsed.errors, []);
  return {
    version: parsed.version,
    serialNumber: parsed.serialNumber && signedHex(parsed.serialNumber),
    signature: identifier(SIGNATURES, parsed.signatureAlgorithm),
    issuer: attributes(parsed.issuer),
    subject: attributes(parsed.subject),
    notBefore: Date.parse(parsed.notBefore!),
    notAfter: Date.parse(parsed.notAfter!),
    key: identifier(KEYS, parsed.publicKey!.algorithm),
    keyDigest: parsed.publicKey!.fingerprint,
    alternative: parsed.subjectAlternativeName && alternatives(parsed.subjectAlternativeName),
    constraints: parsed.basicConstraints,
    usage: parsed.keyUsage,
    purposes: parsed.extendedKeyUsage?.map((purpose) => identifier(PURPOSES, purpose)) ?? null,
    subjectKey: parsed.subjectKeyIdentifier,
    authorityKey: parsed.authorityKeyIdentifier && parsed.authorityKeyIdentifier.keyIdentifier,
  };
}

function signedHex(text: string): bigint {
  return text.startsWith("-") ? -BigInt(`0x${text.slice(1)}`) : BigInt(`0x${text}`);
}

function identifier(table: Readonly<Record<string, string>>, name: string | null): string | null {
  return name === null ? null : table[name] ?? name;
}

function attributes(name: ParsedCertificate["subject"]): string[] | undefined {
  return name?.relativeNames.flat().map(({ type, value }) => `${identifier(ATTRIBUTES, type)}=${value}`);
}

function alternatives(names: GeneralNames): string[] {
  return [
    ...names.mail.map((name) => `1=${name}`),
    ...names.dns.map((name) => `2=${name}`),
    ...names.uri.map((name) => `6=${name}`),
    ...names.ip.map((name) => `7=${addressHex(name)}`),
    ...names.other.map(() => "4=raw"),
  ].sort();
}

/** Octets of a canonical address, in hexadecimal, worked out the slow way. */
function addressHex(address: string): string {
  if (!address.includes(":")) return Buffer.from(address.split(".").map(Number)).toString("hex");
  const [head = "", tail = ""] = address.split("::").map((half) =>
    half.split(":").filter((group) => group !== "").map((group) => group.padStart(4, "0")).join("")
  );
  return head + "0".repeat(32 - head.length - tail.length) + tail;
}

Deno.test("every field of the generated certificates equals what pkijs reads", () => {
  for (const [what, der] of generated) assert.deepEqual(ours(der), theirs(der), what);
});

Deno.test("every field of the system's roots equals what pkijs reads", () => {
  for (const [file, der] of systemRoots()) assert.deepEqual(ours(der), theirs(der), file);
});
