/**
 * Certificates as pkijs and asn1js read them, every field that `ParsedCertificate` has. What pkijs leaves as ASN.1
 * (qualifiers of policies, features of TLS, ...) is taken out of asn1js's tree, as its users do.
 *
 * @module
 */

import * as asn1js from "asn1js";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import * as pkijs from "pkijs";

/** An object identifier and the text of an attribute. */
export type Attribute = readonly [identifier: string, value: string];
/** Number of the kind (RFC 5280 4.2.1.6), and text or octets; of what has neither, nothing. */
export type Name = readonly [kind: number, value: string | Uint8Array | readonly Attribute[]];

const TRANSPARENCY = ["1.3.6.1.4.1.11129.2.4.2", "1.3.6.1.4.1.11129.2.4.3"];

/** What pkijs says of a certificate. Octets are views. Throws what pkijs throws. */
export function readWithPkijs(der: Uint8Array) {
  const { result } = asn1js.fromBER(der);
  const certificate = new pkijs.Certificate({ schema: result });
  const byType = new Map<string, pkijs.Extension>();
  for (const extension of certificate.extensions ?? []) {
    if (!byType.has(extension.extnID)) byType.set(extension.extnID, extension);
  }
  const parsed = <Value>(identifier: string) => (byType.get(identifier)?.parsedValue ?? null) as Value | null;
  const content = (identifier: string) => {
    const extension = byType.get(identifier);
    return extension === undefined
      ? null
      : asn1js.fromBER(extension.extnValue.valueBlock.valueHexView).result;
  };
  const key = certificate.subjectPublicKeyInfo;
  const spki = publicKeyOctets(result as asn1js.Sequence);
  const constraints = parsed<pkijs.BasicConstraints>("2.5.29.19");
  const authorityKey = parsed<pkijs.AuthorityKeyIdentifier>("2.5.29.35");
  const subjectKey = parsed<asn1js.OctetString>("2.5.29.14");
  const access = parsed<pkijs.InfoAccess>("1.3.6.1.5.5.7.1.1");
  const limits = parsed<pkijs.NameConstraints>("2.5.29.30");
  return {
    version: certificate.version + 1,
    serialNumber: certificate.serialNumber.valueBlock.valueHexView,
    signatureAlgorithm: certificate.signature.algorithmId,
    signatureValue: certificate.signatureValue.valueBlock.valueHexView,
    issuer: attributes(certificate.issuer),
    subject: attributes(certificate.subject),
    isSelfIssued: isSame(certificate.issuer.valueBeforeDecode, certificate.subject.valueBeforeDecode),
    notBefore: certificate.notBefore.value.getTime(),
    notAfter: certificate.notAfter.value.getTime(),
    key: {
      identifier: key.algorithm.algorithmId,
      octets: key.subjectPublicKey.valueBlock.valueHexView,
      ...keyNumbers(key),
    },
    extensions: (certificate.extensions ?? []).map(({ extnID, critical, extnValue }) =>
      [extnID, critical, extnValue.valueBlock.valueHexView] as const
    ),
    subjectAlternativeName: alternativeNames(parsed<pkijs.AltName>("2.5.29.17")),
    issuerAlternativeName: alternativeNames(parsed<pkijs.AltName>("2.5.29.18")),
    basicConstraints: constraints &&
      { isAuthority: constraints.cA, pathLength: optionalNumber(constraints.pathLenConstraint) },
    nameConstraints: limits && {
      permitted: limits.permittedSubtrees?.map(({ base }) => nameOf(base)) ?? null,
      excluded: limits.excludedSubtrees?.map(({ base }) => nameOf(base)) ?? null,
    },
    keyUsage: bits(parsed<asn1js.BitString>("2.5.29.15")),
    extendedKeyUsage: parsed<pkijs.ExtKeyUsage>("2.5.29.37")?.keyPurposes ?? null,
    subjectKeyIdentifier: subjectKey && octets(subjectKey),
    authorityKeyIdentifier: authorityKey && {
      keyIdentifier: authorityKey.keyIdentifier ? octets(authorityKey.keyIdentifier) : null,
      issuer: authorityKey.authorityCertIssuer?.map(nameOf) ?? null,
      serialNumber: authorityKey.authorityCertSerialNumber
        ? authorityKey.authorityCertSerialNumber.valueBlock.valueHexView
        : null,
    },
    certificatePolicies: parsed<pkijs.CertificatePolicies>("2.5.29.32")?.certificatePolicies.map(
      ({ policyIdentifier, policyQualifiers = [] }) => ({
        identifier: policyIdentifier,
        qualifiers: policyQualifiers.map(({ policyQualifierId, qualifier }) =>
          [policyQualifierId, texts(qualifier as asn1js.BaseBlock)] as const
        ),
      }),
    ) ?? null,
    authorityInfoAccess:
      access?.accessDescriptions.map(({ accessMethod, accessLocation }) =>
        [accessMethod, nameOf(accessLocation)] as const
      ) ?? null,
    crlDistributionPoints:
      parsed<pkijs.CRLDistributionPoints>("2.5.29.31")?.distributionPoints.map((point) => ({
        names: Array.isArray(point.distributionPoint) ? point.distributionPoint.map(nameOf) : null,
        relativeName: point.distributionPoint instanceof pkijs.RelativeDistinguishedNames
          ? attributes(point.distributionPoint)
          : null,
        reasons: bits(point.reasons ?? null),
        issuer: point.cRLIssuer?.map(nameOf) ?? null,
      })) ?? null,
    isPrecertificate: byType.has("1.3.6.1.4.1.11129.2.4.3"),
    signedCertificateTimestamps: parsed<pkijs.SignedCertificateTimestampList>("1.3.6.1.4.1.11129.2.4.2")
      ?.timestamps.map(({ version, logID, timestamp, extensions, signature }) => ({
        version: version + 1,
        logId: new Uint8Array(logID),
        timestampMs: timestamp.getTime(),
        extensions: new Uint8Array(extensions),
        signature: new Uint8Array(signature),
      })) ?? null,
    tlsFeatures: items(content("1.3.6.1.5.5.7.1.24"))?.map((item) => Number(integer(item))) ?? null,
    qualifiedStatements:
      parsed<pkijs.QCStatements>("1.3.6.1.5.5.7.1.3")?.values.map(({ id, type }) =>
        [id, type ? (type as asn1js.BaseBlock).valueBeforeDecodeView : null] as const
      ) ?? null,
    organizationIdentifier: items(content("2.23.140.3.1"))?.map(textOf) ?? null,
    torServiceDescriptors: items(content("2.23.140.1.31"))?.map(items).map((descriptor) => {
      const [uri, algorithm, hash] = descriptor!;
      return [
        textOf(uri!),
        objectIdentifier(items(algorithm!)![0]!),
        octets(hash as asn1js.BitString),
      ] as const;
    }) ?? null,
    netscapeCertificateType: bits(content("2.16.840.1.113730.1.1") as asn1js.BitString | null),
    netscapeComment: mapped(content("2.16.840.1.113730.1.13"), textOf),
    digests: {
      md5: digest("md5", der),
      sha1: digest("sha1", der),
      sha256: digest("sha256", der),
      tbs: digest("sha256", certificate.tbsView),
      tbsWithoutTransparency: digest("sha256", withoutTransparency(certificate)),
      publicKey: digest("sha256", spki),
      publicKeyAndSubject: digest("sha256", spki, new Uint8Array(certificate.subject.valueBeforeDecode)),
    },
  };
}

/** What {@linkcode readWithPkijs} gives. */
export type PkijsCertificate = ReturnType<typeof readWithPkijs>;

function mapped<From, To>(value: From | null, map: (value: From) => To): To | null {
  return value === null ? null : map(value);
}

function digest(algorithm: string, ...parts: readonly Uint8Array[]): string {
  const hash = createHash(algorithm);
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

function withoutTransparency(certificate: pkijs.Certificate): Uint8Array {
  const extensions = certificate.extensions ?? [];
  const kept = extensions.filter(({ extnID }) => !TRANSPARENCY.includes(extnID));
  if (kept.length === extensions.length && kept.length > 0) return certificate.tbsView;
  certificate.extensions = kept;
  const octets = new Uint8Array(certificate.encodeTBS().toBER());
  certificate.extensions = extensions;
  return octets;
}

function keyNumbers({ parsedKey, algorithm }: pkijs.PublicKeyInfo) {
  if (parsedKey instanceof pkijs.RSAPublicKey) {
    const { modulus, publicExponent } = parsedKey;
    return { modulus: modulus.valueBlock.valueHexView, exponent: publicExponent.valueBlock.valueHexView };
  }
  if (parsedKey instanceof pkijs.ECPublicKey) {
    return {
      curve: parsedKey.namedCurve,
      x: new Uint8Array(parsedKey.x),
      y: new Uint8Array(parsedKey.y),
    };
  }
  const parameters = items((algorithm.algorithmParams as asn1js.BaseBlock | undefined) ?? null);
  return {
    parameters: parameters?.map((parameter) => (parameter as asn1js.Integer).valueBlock.valueHexView),
  };
}

/** The SubjectPublicKeyInfo: the sixth field behind the version, which old certificates leave out. */
function publicKeyOctets(certificate: asn1js.Sequence): Uint8Array {
  const fields = (certificate.valueBlock.value[0] as asn1js.Sequence).valueBlock.value;
  const contextSpecific = 3;
  const index = fields[0]!.idBlock.tagClass === contextSpecific ? 6 : 5;
  return fields[index]!.valueBeforeDecodeView;
}

function isSame(left: ArrayBuffer, right: ArrayBuffer): boolean {
  return Buffer.compare(new Uint8Array(left), new Uint8Array(right)) === 0;
}

function attributes(name: pkijs.RelativeDistinguishedNames): Attribute[] {
  return name.typesAndValues.map(({ type, value }) => [type, textOf(value)] as const);
}

function alternativeNames(names: pkijs.AltName | null): Name[] | null {
  return names?.altNames.map(nameOf) ?? null;
}

/** Text of what has text, octets of addresses, attributes of directory names; the other kinds are only counted. */
function nameOf({ type, value }: pkijs.GeneralName): Name {
  if (type === 7) return [type, (value as asn1js.OctetString).valueBlock.valueHexView];
  if (value instanceof pkijs.RelativeDistinguishedNames) return [type, attributes(value)];
  return [type, typeof value === "string" ? value : ""];
}

/** Octets of a BIT STRING or OCTET STRING. */
function octets(block: asn1js.BitString | asn1js.OctetString): Uint8Array {
  return block.valueBlock.valueHexView;
}

/** Numbers of the bits that are set. */
function bits(block: asn1js.BitString | null): number[] | null {
  if (block === null) return null;
  const { valueHexView, unusedBits } = block.valueBlock;
  const count = valueHexView.length * 8 - unusedBits;
  return Array.from({ length: count }, (_, bit) => bit)
    .filter((bit) => (valueHexView[bit >> 3]! & 0x80 >> (bit & 7)) !== 0);
}

function items(block: asn1js.BaseBlock | null): asn1js.BaseBlock[] | null {
  const value = (block?.valueBlock as unknown as { value?: unknown } | undefined)?.value;
  return Array.isArray(value) ? value : null;
}

function textOf(block: asn1js.BaseBlock): string {
  const { value, valueHexView } = block.valueBlock as unknown as {
    value?: unknown;
    valueHexView: Uint8Array;
  };
  return typeof value === "string" ? value : Buffer.from(valueHexView).toString("latin1");
}

/** Every leaf below: text of strings, decimal of integers. */
function texts(block: asn1js.BaseBlock): string[] {
  const inner = items(block);
  if (inner !== null) return inner.flatMap(texts);
  if (block instanceof asn1js.Integer) return [String(integer(block))];
  return block instanceof asn1js.Null ? [] : [textOf(block)];
}

function integer(block: asn1js.BaseBlock): bigint {
  return (block as asn1js.Integer).toBigInt();
}

function objectIdentifier(block: asn1js.BaseBlock): string {
  return (block as asn1js.ObjectIdentifier).getValue();
}

function optionalNumber(value: number | asn1js.Integer | undefined): number | null {
  if (value === undefined) return null;
  return typeof value === "number" ? value : Number(integer(value));
}
