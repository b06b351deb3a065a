/**
 * A certification authority of the test's own, in memory: a leaf and its issuer, fresh in every run.
 *
 * @module
 */

import { Integer, Utf8String } from "asn1js";
import {
  AttributeTypeAndValue,
  BasicConstraints,
  Certificate,
  Extension,
  GeneralName,
  GeneralNames,
} from "pkijs";

export interface TestChain {
  /** DER, leaf first. */
  readonly chain: Uint8Array[];
  /** The chain as PEM. */
  readonly certificatePem: string;
  /** The leaf's key as PKCS #8 PEM. */
  readonly keyPem: string;
}

const HOUR_MS = 3_600_000;

/** A chain of two ECDSA certificates, the leaf for `serverName`. */
export async function makeTestChain(serverName: string): Promise<TestChain> {
  const authorityKeys = await generateKeys();
  const leafKeys = await generateKeys();
  const constraints = new BasicConstraints({ cA: true });
  const authority = await issue("margay test authority", authorityKeys.publicKey, authorityKeys.privateKey, [
    new Extension({ extnID: "2.5.29.19", critical: true, extnValue: constraints.toSchema().toBER() }),
  ]);
  const names = new GeneralNames({ names: [new GeneralName({ type: 2, value: serverName })] });
  const leaf = await issue(serverName, leafKeys.publicKey, authorityKeys.privateKey, [
    new Extension({ extnID: "2.5.29.17", extnValue: names.toSchema().toBER() }),
  ]);
  const privateKey = new Uint8Array(await crypto.subtle.exportKey("pkcs8", leafKeys.privateKey));
  return {
    chain: [leaf, authority],
    certificatePem: [leaf, authority].map((der) => pem("CERTIFICATE", der)).join(""),
    keyPem: pem("PRIVATE KEY", privateKey),
  };
}

function generateKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
}

async function issue(
  subject: string,
  publicKey: CryptoKey,
  issuerKey: CryptoKey,
  extensions: Extension[],
): Promise<Uint8Array> {
  const certificate = new Certificate();
  certificate.version = 2;
  certificate.serialNumber = new Integer({ value: 1 + crypto.getRandomValues(new Uint16Array(1))[0]! });
  certificate.subject.typesAndValues.push(commonName(subject));
  certificate.issuer.typesAndValues.push(commonName("margay test authority"));
  certificate.notBefore.value = new Date(Date.now() - HOUR_MS);
  certificate.notAfter.value = new Date(Date.now() + HOUR_MS);
  certificate.extensions = extensions;
  await certificate.subjectPublicKeyInfo.importKey(publicKey);
  await certificate.sign(issuerKey, "SHA-256");
  return new Uint8Array(certificate.toSchema(true).toBER());
}

function commonName(value: string): AttributeTypeAndValue {
  return new AttributeTypeAndValue({ type: "2.5.4.3", value: new Utf8String({ value }) });
}

function pem(label: string, der: Uint8Array): string {
  const base64 = btoa(String.fromCharCode(...der)).replace(/.{64}(?=.)/g, "$&\n");
  return `-----BEGIN ${label}-----\n${base64}\n-----END ${label}-----\n`;
}
