import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import {
  digestCertificate,
  type DistinguishedName,
  type GeneralNames,
  type NameSubtrees,
  parseCertificate,
  type PublicKey,
  type UserNotice,
} from "../../../src/x509/mod.ts";
import { makeLeaves } from "./leaves.ts";
import { type Attribute, type Name, type PkijsCertificate, readWithPkijs } from "./pkijs_reader.ts";
import { plain } from "./plain.ts";
import { flawed, generated, systemRoots } from "./samples.ts";

/** Words behind bits, and identifiers behind words, written down again so that a slip in one table shows. */
const KEY_USAGES = [
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
const REASONS = [
  "unused",
  "keyCompromise",
  "cACompromise",
  "affiliationChanged",
  "superseded",
  "cessationOfOperation",
  "certificateHold",
  "privilegeWithdrawn",
  "aACompromise",
];
const NETSCAPE_TYPES = [
  "SSLClient",
  "SSLServer",
  "SMIME",
  "objectSigning",
  "reserved",
  "SSLCA",
  "SMIMECA",
  "objectSigningCA",
];
const PURPOSES: Readonly<Record<string, string>> = {
  serverAuth: "1.3.6.1.5.5.7.3.1",
  clientAuth: "1.3.6.1.5.5.7.3.2",
};
const HASHES: Readonly<Record<string, string>> = { "SHA-256": "2.16.840.1.101.3.4.2.1" };
const QUALIFIERS = { cps: "1.3.6.1.5.5.7.2.1", notice: "1.3.6.1.5.5.7.2.2" };

/** What we say, in the shape of {@linkcode readWithPkijs}. */
function ours(der: Uint8Array) {
  const parsed = parseCertificate(der);
  const { authorityKeyIdentifier: authorityKey, authorityInfoAccess: access, nameConstraints: limits } =
    parsed;
  return {
    version: parsed.version,
    serialNumber: content(parsed.serialNumber!),
    signatureAlgorithm: parsed.signatureAlgorithm!.identifier,
    signatureValue: parsed.signatureValue,
    issuer: attributes(parsed.issuer!),
    subject: attributes(parsed.subject!),
    isSelfIssued: parsed.isSelfIssued,
    notBefore: Date.parse(parsed.notBefore!),
    notAfter: Date.parse(parsed.notAfter!),
    key: keyFacts(parsed.publicKey!),
    extensions: parsed.extensions.map(({ identifier, isCritical, value }) => [identifier, isCritical, value]),
    subjectAlternativeName: names(parsed.subjectAlternativeName),
    issuerAlternativeName: names(parsed.issuerAlternativeName),
    basicConstraints: parsed.basicConstraints,
    nameConstraints: limits && { permitted: names(limits.permitted), excluded: names(limits.excluded) },
    keyUsage: bits(KEY_USAGES, parsed.keyUsage),
    extendedKeyUsage: parsed.extendedKeyUsage?.map((purpose) => PURPOSES[purpose] ?? purpose) ?? null,
    subjectKeyIdentifier: parsed.subjectKeyIdentifier,
    authorityKeyIdentifier: authorityKey && {
      keyIdentifier: authorityKey.keyIdentifier,
      issuer: names(authorityKey.issuer),
      serialNumber: authorityKey.serialNumber && content(authorityKey.serialNumber),
    },
    certificatePolicies: parsed.certificatePolicies?.map(({ identifier, cps, notices, otherQualifiers }) => ({
      identifier,
      qualifiers: sort<readonly string[]>([
        ...cps.map((uri) => [QUALIFIERS.cps, [uri]] as const),
        ...notices.map((notice) => [QUALIFIERS.notice, noticeTexts(notice)] as const),
        ...otherQualifiers.map((qualifier) => [qualifier.identifier, []] as const),
      ]),
    })) ?? null,
    authorityInfoAccess: access && sort([
      ...access.ocsp.map((uri) => ["1.3.6.1.5.5.7.48.1", [6, uri]] as const),
      ...access.issuers.map((uri) => ["1.3.6.1.5.5.7.48.2", [6, uri]] as const),
      ...access.other.map(({ method, location }) => [method, names(location)![0]!] as const),
    ]),
    crlDistributionPoints:
      parsed.crlDistributionPoints?.map(({ names: points, relativeName, reasons, issuer }) => ({
        names: names(points),
        relativeName: relativeName?.map(({ identifier, value }) => [identifier, value]) ?? null,
        reasons: bits(REASONS, reasons),
        issuer: names(issuer),
      })) ?? null,
    isPrecertificate: parsed.isPrecertificate,
    signedCertificateTimestamps: parsed.signedCertificateTimestamps?.map(({ signed, ...timestamp }) => ({
      ...timestamp,
      signature: signed.subarray(4),
    })) ?? null,
    tlsFeatures: parsed.tlsFeatures,
    qualifiedStatements:
      parsed.qualifiedStatements?.statements.map(({ identifier, value }) => [identifier, value]) ?? null,
    organizationIdentifier: parsed.organizationIdentifier &&
      Object.values(parsed.organizationIdentifier).filter((part) => part !== null),
    torServiceDescriptors: parsed.torServiceDescriptors?.map(({ uri, hashAlgorithm, hash }) => [
      uri,
      HASHES[hashAlgorithm],
      hash,
    ]) ?? null,
    netscapeCertificateType: bits(NETSCAPE_TYPES, parsed.netscapeCertificateType),
    netscapeComment: parsed.netscapeComment,
    digests: digestCertificate(parsed),
  };
}

/** What pkijs says, without the differences that are only of form. */
function theirs(certificate: PkijsCertificate) {
  return {
    ...certificate,
    certificatePolicies: certificate.certificatePolicies?.map(({ identifier, qualifiers }) => ({
      identifier,
      qualifiers: sort(qualifiers),
    })) ?? null,
    authorityInfoAccess: certificate.authorityInfoAccess && sort(certificate.authorityInfoAccess),
    subjectAlternativeName: sortNames(certificate.subjectAlternativeName),
    issuerAlternativeName: sortNames(certificate.issuerAlternativeName),
    nameConstraints: certificate.nameConstraints && {
      permitted: sortNames(certificate.nameConstraints.permitted),
      excluded: sortNames(certificate.nameConstraints.excluded),
    },
  };
}

/** Organisation, numbers and text, as they lie one behind the other. */
function noticeTexts({ text, organization, numbers }: UserNotice): string[] {
  return [
    ...(organization === null ? [] : [organization, ...numbers.map(String)]),
    ...(text === null ? [] : [text]),
  ];
}

/** By the first part; the order within equals is kept. */
function sort<Part>(pairs: readonly (readonly [string, Part])[]): (readonly [string, Part])[] {
  return pairs.toSorted(([left], [right]) => left < right ? -1 : left > right ? 1 : 0);
}

/** Content octets of an INTEGER, from its hexadecimal. */
function content(text: string): Buffer {
  const isNegative = text.startsWith("-");
  const magnitude = BigInt(`0x${isNegative ? text.slice(1) : text}`);
  for (let length = 1;; length += 1) {
    const bound = 1n << BigInt(length * 8 - 1);
    if (isNegative ? magnitude > bound : magnitude >= bound) continue;
    const value = isNegative ? (bound << 1n) - magnitude : magnitude;
    return Buffer.from(value.toString(16).padStart(length * 2, "0"), "hex");
  }
}

function attributes(name: DistinguishedName): Attribute[] {
  return name.relativeNames.flat().map(({ identifier, value }) => [identifier, value]);
}

function keyFacts({ identifier, octets, rsa, point, curve, dsa }: PublicKey) {
  const common = { identifier, octets };
  if (rsa) return { ...common, ...rsa };
  if (point) return { ...common, curve, ...point };
  if (dsa) {
    return {
      ...common,
      parameters: [dsa.prime, dsa.subprime, dsa.generator].map((number) => content(plain(number) as string)),
    };
  }
  return { ...common, parameters: undefined };
}

/** Names in the order of their kinds; those without a text only by kind. */
function names(names: GeneralNames | NameSubtrees | null): Name[] | null {
  if (names === null) return null;
  return sortNames([
    ...names.mail.map((name) => [1, name] as const),
    ...names.dns.map((name) => [2, name] as const),
    ...names.uri.map((name) => [6, name] as const),
    ...names.ip.map((range) =>
      [7, typeof range === "string" ? addressOctets(range) : rangeOctets(range)] as const
    ),
    ...names.directory.map((name) => [4, attributes(name)] as const),
    ...names.registered.map((name) => [8, name] as const),
    ...names.otherNames.map(() => [0, ""] as const),
    ...names.ediParties.map(() => [5, ""] as const),
    ...names.other.filter(({ kind }) => kind === "x400Address").map(() => [3, ""] as const),
  ]);
}

function sortNames(names: readonly Name[] | null): Name[] | null {
  return names?.toSorted(([left], [right]) => left - right) ?? null;
}

function rangeOctets({ address, mask }: { readonly address: Uint8Array; readonly mask: Uint8Array }): Buffer {
  return Buffer.concat([address, mask]);
}

/** Octets of a canonical address, worked out the slow way. */
function addressOctets(address: string): Buffer {
  if (!address.includes(":")) return Buffer.from(address.split(".").map(Number));
  const [head = "", tail = ""] = address.split("::").map((half) =>
    half.split(":").filter((group) => group !== "").map((group) => group.padStart(4, "0")).join("")
  );
  return Buffer.from(head + "0".repeat(32 - head.length - tail.length) + tail, "hex");
}

function bits(words: readonly string[], set: readonly string[] | null): number[] | null {
  return set?.map((word) => words.indexOf(word)) ?? null;
}

function compare(what: string, der: Uint8Array): void {
  const { crlDistributionPoints: ourPoints, ...ourRest } = ours(der);
  const { crlDistributionPoints: theirPoints, ...theirRest } = theirs(readWithPkijs(der));
  assert.deepEqual(plain(ourRest), plain(theirRest), what);
  // One relative name makes pkijs read none of the points.
  const isReadable = ourPoints?.every(({ relativeName }) => relativeName === null) ?? true;
  assert.deepEqual(plain(isReadable ? ourPoints : []), plain(theirPoints), what);
}

/** Like {@linkcode compare}, of a certificate that is without a flaw. */
function compareFlawless(what: string, der: Uint8Array): void {
  assert.deepEqual(parseCertificate(der).errors, [], what);
  compare(what, der);
}

Deno.test("every field of the generated certificates equals what pkijs reads", () => {
  for (const [what, der] of generated) compareFlawless(what, der);
});

Deno.test("every field of flawed certificates that pkijs takes equals what it reads", () => {
  for (const [what, der] of flawed) compare(what, der);
});

Deno.test("every field of the system's roots equals what pkijs reads", () => {
  for (const [file, der] of systemRoots()) compareFlawless(file, der);
});

Deno.test("every field of leaves with 1 to 100 names equals what pkijs reads", () => {
  for (const [index, der] of [...makeLeaves(200)].entries()) compareFlawless(`leaf ${index}`, der);
});
