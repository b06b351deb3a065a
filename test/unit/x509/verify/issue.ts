/**
 * Certificates that are really signed, for the tests of verification: keys by `node:crypto`, octets by `build.ts`.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { fingerprint, parseCertificate } from "../../../../src/x509/mod.ts";
import {
  certificate,
  commonName,
  element,
  extension,
  objectIdentifier,
  octets,
  type Parts,
  sequence,
  subjectAlternativeName,
  text,
} from "../build.ts";

/** A key pair, and how it signs. */
export interface Keys {
  readonly privateKey: KeyObject;
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
  /** Hash of `node:crypto`, or `null` for Ed25519. */
  readonly hash: string | null;
  /** AlgorithmIdentifier of the signatures. */
  readonly algorithm: Uint8Array;
}

/** What can issue: a certificate with its keys. */
export interface Entity {
  readonly der: Uint8Array;
  readonly subject: Uint8Array;
  readonly keys: Keys;
}

const NULL = element(0x05);

/** Key kinds and hashes, with the AlgorithmIdentifier of the signatures. */
const KEY_KINDS = {
  "P-256": {
    make: () => generateKeyPairSync("ec", { namedCurve: "P-256" }),
    hash: "sha256",
    algorithm: "1.2.840.10045.4.3.2",
  },
  "P-384": {
    make: () => generateKeyPairSync("ec", { namedCurve: "P-384" }),
    hash: "sha384",
    algorithm: "1.2.840.10045.4.3.3",
  },
  "Ed25519": { make: () => generateKeyPairSync("ed25519"), hash: null, algorithm: "1.3.101.112" },
  "RSA-1024": {
    make: () => generateKeyPairSync("rsa", { modulusLength: 1024 }),
    hash: "sha256",
    algorithm: "1.2.840.113549.1.1.11",
  },
  "RSA-2048": {
    make: () => generateKeyPairSync("rsa", { modulusLength: 2048 }),
    hash: "sha256",
    algorithm: "1.2.840.113549.1.1.11",
  },
} as const;

export function makeKeys(kind: keyof typeof KEY_KINDS): Keys {
  const { make, hash, algorithm } = KEY_KINDS[kind];
  const { privateKey, publicKey } = make();
  const isRsa = kind.startsWith("RSA");
  return {
    privateKey,
    publicKey: new Uint8Array(publicKey.export({ format: "der", type: "spki" })),
    hash,
    algorithm: sequence(objectIdentifier(algorithm), ...isRsa ? [NULL] : []),
  };
}

/** The same RSA keys, signing over another hash. */
export function withHash(keys: Keys, hash: "md5" | "sha1"): Keys {
  const algorithm = { md5: "1.2.840.113549.1.1.4", sha1: "1.2.840.113549.1.1.5" }[hash];
  return { ...keys, hash, algorithm: sequence(objectIdentifier(algorithm), NULL) };
}

/** Signs a certificate; without an issuer, by its own keys. `issuer` may be an entity whose key did not sign. */
export function issue(subject: string, keys: Keys, issuer?: Entity, parts: Parts = {}): Entity {
  const subjectName = parts.subject ?? commonName(subject);
  const signer = issuer?.keys ?? keys;
  const draft = certificate({
    issuer: issuer?.subject ?? subjectName,
    signature: signer.algorithm,
    publicKey: keys.publicKey,
    ...parts,
    subject: subjectName,
  });
  const tbs = parseCertificate(draft).tbs!;
  const signature = sign(signer.hash, tbs, signer.privateKey);
  return {
    der: sequence(tbs, signer.algorithm, element(0x03, octets(0), signature)),
    subject: subjectName,
    keys,
  };
}

export const KEY_CERT_SIGN: Uint8Array = extension("2.5.29.15", element(0x03, octets(1, 0x06)), true);

/** The extensions of an authority. */
export function authority(pathLength?: number): Uint8Array[] {
  const limit = pathLength === undefined ? [] : [element(0x02, octets(pathLength))];
  return [extension("2.5.29.19", sequence(element(0x01, octets(0xff)), ...limit), true), KEY_CERT_SIGN];
}

/** The extensions of a server's certificate. */
export function server(...names: readonly string[]): Uint8Array[] {
  return [subjectAlternativeName(...names.map((name) => text(0x82, name))), purposes("1.3.6.1.5.5.7.3.1")];
}

/** Identifiers of one octet: of the subject's key and of the issuer's. */
export function keyIdentifiers(subject: number, issuer: number): Uint8Array[] {
  return [
    extension("2.5.29.14", element(0x04, octets(subject))),
    extension("2.5.29.35", sequence(element(0x80, octets(issuer)))),
  ];
}

export function purposes(...identifiers: readonly string[]): Uint8Array {
  return extension("2.5.29.37", sequence(...identifiers.map(objectIdentifier)));
}

/** Name constraints of whole GeneralNames. */
export function nameConstraints(
  { permitted, excluded }: { permitted?: readonly Uint8Array[]; excluded?: readonly Uint8Array[] },
): Uint8Array {
  const list = (tag: number, bases: readonly Uint8Array[] | undefined) =>
    bases === undefined ? [] : [element(tag, ...bases.map((base) => sequence(base)))];
  return extension("2.5.29.30", sequence(...list(0xa0, permitted), ...list(0xa1, excluded)), true);
}

export function pem(der: Uint8Array): string {
  const lines = Buffer.from(der).toString("base64").match(/.{1,64}/g)!.join("\n");
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

export function digestOf({ der }: Entity): string {
  return fingerprint(der);
}
