import * as asn1js from "asn1js";
import * as pkijs from "pkijs";
import type { RandomSource } from "./seeded_random.ts";

/** Somebody with a certificate: what it says, and the key it is for. */
export interface Identity {
  readonly certificate: pkijs.Certificate;
  /** The certificate as it is sent. */
  readonly der: Uint8Array;
  readonly keys: CryptoKeyPair;
}

/** What a certificate says, all but its issuer and its key. */
export interface Blueprint {
  /** Octets of a positive number (RFC 5280, 4.1.2.2): {@link serialFrom} draws one. */
  readonly serial: Uint8Array<ArrayBuffer>;
  readonly subject: readonly (readonly [oid: string, value: string])[];
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly extensions: readonly pkijs.Extension[];
}

export const COMMON_NAME = "2.5.4.3";
export const COUNTRY = "2.5.4.6";
export const LOCALITY = "2.5.4.7";
export const ORGANIZATION = "2.5.4.10";

export const DAY_MILLISECONDS = 86_400_000;
/** Everything is dated from the start of today, so that the certificates never all expire. */
export const TODAY = Math.floor(Date.now() / DAY_MILLISECONDS) * DAY_MILLISECONDS;

/** Makes a certificate for a key, signed by `issuer` or by itself. */
export async function issue(blueprint: Blueprint, keys: CryptoKeyPair, issuer?: Identity): Promise<Identity> {
  const certificate = new pkijs.Certificate();
  certificate.version = 2;
  certificate.serialNumber = new asn1js.Integer({ valueHex: blueprint.serial.buffer });
  for (const [type, value] of blueprint.subject) {
    const text = type === COUNTRY ? new asn1js.PrintableString({ value }) : new asn1js.Utf8String({ value });
    certificate.subject.typesAndValues.push(new pkijs.AttributeTypeAndValue({ type, value: text }));
  }
  certificate.issuer = issuer?.certificate.subject ?? certificate.subject;
  certificate.notBefore.value = blueprint.notBefore;
  certificate.notAfter.value = blueprint.notAfter;
  await certificate.subjectPublicKeyInfo.importKey(keys.publicKey);
  certificate.extensions = [...blueprint.extensions];
  await certificate.sign((issuer?.keys ?? keys).privateKey, "SHA-256");
  return { certificate, der: new Uint8Array(certificate.toSchema().toBER()), keys };
}

/** A serial number of 16 octets, as public authorities draw them. */
export function serialFrom(random: RandomSource): Uint8Array<ArrayBuffer> {
  const serial = octetsFrom(random, 16);
  // Positive, and not shorter than it looks: the first octet is 0x40 to 0x7f.
  serial[0] = 0x40 | serial[0]! & 0x3f;
  return serial;
}

/** Some random octets. */
export function octetsFrom(random: RandomSource, count: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: count }, () => Math.floor(random() * 256));
}
