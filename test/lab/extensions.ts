/**
 * The extensions that certificates of the public web carry, from RFC 5280 and RFC 6962.
 *
 * @module
 */
import * as asn1js from "asn1js";
import * as pkijs from "pkijs";

type Octets = Uint8Array<ArrayBuffer>;

/** keyCertSign and cRLSign, or digitalSignature (RFC 5280, 4.2.1.3). */
export function keyUsage(isAuthority: boolean): pkijs.Extension {
  const value = isAuthority
    ? new asn1js.BitString({ valueHex: Uint8Array.of(0x06).buffer, unusedBits: 1 })
    : new asn1js.BitString({ valueHex: Uint8Array.of(0x80).buffer, unusedBits: 7 });
  return extension("2.5.29.15", true, value);
}

/** Server and client authentication (RFC 5280, 4.2.1.12). */
export function extendedKeyUsage(): pkijs.Extension {
  const purposes = ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"];
  return extension("2.5.29.37", false, sequence(purposes.map(objectIdentifier)));
}

/** RFC 5280, 4.2.1.9. */
export function basicConstraints(isAuthority: boolean): pkijs.Extension {
  return extension("2.5.29.19", true, new pkijs.BasicConstraints({ cA: isAuthority }).toSchema());
}

/** DNS names (RFC 5280, 4.2.1.6). */
export function subjectAlternativeName(dnsNames: readonly string[]): pkijs.Extension {
  const names = dnsNames.map((value) => new pkijs.GeneralName({ type: 2, value }));
  return extension("2.5.29.17", false, new pkijs.GeneralNames({ names }).toSchema());
}

/** RFC 5280, 4.2.1.2. */
export function subjectKeyIdentifier(identifier: Octets): pkijs.Extension {
  return extension("2.5.29.14", false, new asn1js.OctetString({ valueHex: identifier.buffer }));
}

/** RFC 5280, 4.2.1.1, by key identifier. */
export function authorityKeyIdentifier(identifier: Octets): pkijs.Extension {
  return extension("2.5.29.35", false, sequence([implicit(0, identifier)]));
}

/** Where the issuer answers OCSP and where its certificate is (RFC 5280, 4.2.2.1). */
export function authorityInformationAccess(ocspUri: string, issuersUri: string): pkijs.Extension {
  const descriptions = [["1.3.6.1.5.5.7.48.1", ocspUri], ["1.3.6.1.5.5.7.48.2", issuersUri]] as const;
  const access = descriptions.map(([method, uri]) => sequence([objectIdentifier(method), uriName(uri)]));
  return extension("1.3.6.1.5.5.7.1.1", false, sequence(access));
}

/** One distribution point with one name (RFC 5280, 4.2.1.13). */
export function revocationListDistributionPoint(uri: string): pkijs.Extension {
  const point = sequence([explicit(0, [explicit(0, [uriName(uri)])])]);
  return extension("2.5.29.31", false, sequence([point]));
}

/** Policies, the last with the URI of a practice statement (RFC 5280, 4.2.1.4). */
export function certificatePolicies(policies: readonly string[], statementUri: string): pkijs.Extension {
  const statement = sequence([
    objectIdentifier("1.3.6.1.5.5.7.2.1"),
    new asn1js.IA5String({ value: statementUri }),
  ]);
  const information = policies.map((policy, index) =>
    sequence([
      objectIdentifier(policy),
      ...index === policies.length - 1 ? [sequence([statement])] : [],
    ])
  );
  return extension("2.5.29.32", false, sequence(information));
}

/** What one log of certificates signed. */
export interface CertificateTimestamp {
  /** SHA-256 of the log's key. */
  readonly logId: Octets;
  readonly time: Date;
  /** An ECDSA signature in DER. */
  readonly signature: Octets;
}

/** The list of timestamps that is inside a certificate (RFC 6962, 3.2 and 3.3). */
export function certificateTimestamps(timestamps: readonly CertificateTimestamp[]): pkijs.Extension {
  const list = timestamps.flatMap(({ logId, time, signature }) => {
    const milliseconds = new DataView(new ArrayBuffer(8));
    milliseconds.setBigUint64(0, BigInt(time.getTime()));
    // Version 1; no extensions; SHA-256 with ECDSA (RFC 5246, 7.4.1.4.1).
    const timestamp = [0, ...logId, ...new Uint8Array(milliseconds.buffer), 0, 0, 4, 3];
    return prefixedBySize([...timestamp, ...prefixedBySize([...signature])]);
  });
  const octets = Uint8Array.from(prefixedBySize(list));
  const value = new asn1js.OctetString({ valueHex: octets.buffer });
  return extension("1.3.6.1.4.1.11129.2.4.2", false, value);
}

function prefixedBySize(octets: readonly number[]): number[] {
  return [octets.length >> 8, octets.length & 0xff, ...octets];
}

function extension(extnID: string, critical: boolean, value: asn1js.BaseBlock): pkijs.Extension {
  return new pkijs.Extension({ extnID, critical, extnValue: value.toBER() });
}

function sequence(value: asn1js.BaseBlock[]): asn1js.Sequence {
  return new asn1js.Sequence({ value });
}

function objectIdentifier(value: string): asn1js.ObjectIdentifier {
  return new asn1js.ObjectIdentifier({ value });
}

/** `[tag] EXPLICIT`, or `[tag] IMPLICIT` of what is constructed. */
function explicit(tagNumber: number, value: asn1js.BaseBlock[]): asn1js.Constructed {
  return new asn1js.Constructed({ idBlock: { tagClass: 3, tagNumber }, value });
}

/** `[tag] IMPLICIT OCTET STRING`. */
function implicit(tagNumber: number, octets: Octets): asn1js.Primitive {
  return new asn1js.Primitive({ idBlock: { tagClass: 3, tagNumber }, valueHex: octets.buffer });
}

/** The GeneralName of a URI. */
function uriName(uri: string): asn1js.Primitive {
  return implicit(6, new TextEncoder().encode(uri));
}
