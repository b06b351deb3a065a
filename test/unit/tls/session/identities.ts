/**
 * Certificates of every kind that a server may show, and the authority that signs them, fresh in every run.
 *
 * @module
 */

import { Boolean as Asn1Boolean, Integer, Null, ObjectIdentifier, Sequence, Utf8String } from "asn1js";
import {
  AttributeTypeAndValue,
  BasicConstraints,
  Certificate,
  Extension,
  GeneralName,
  GeneralNames,
  GeneralSubtree,
  NameConstraints,
} from "pkijs";

/** Who can show a chain, and sign others. */
export interface Identity {
  readonly name: string;
  /** DER, its own certificate first; the root is left out unless it is the first. */
  readonly chain: readonly Uint8Array[];
  readonly chainPem: string;
  readonly keys: CryptoKeyPair;
  /** PKCS #8 PEM. */
  readonly keyPem: string;
}

export interface IdentityOptions {
  /** Who signs; left out, the identity signs itself. */
  readonly issuer?: Identity;
  /** Subject alternative names: `DNS` ones. */
  readonly names?: readonly string[];
  readonly extensions?: readonly Extension[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly hash?: "SHA-1" | "SHA-256";
  readonly key?: EcKeyGenParams | RsaHashedKeyGenParams;
  /** Keys that there are already; fresh ones unless given. */
  readonly keys?: CryptoKeyPair;
}

const DAY_MS = 86_400_000;
const P256: EcKeyGenParams = { name: "ECDSA", namedCurve: "P-256" };

export const YESTERDAY = new Date(Date.now() - DAY_MS);
export const TOMORROW = new Date(Date.now() + DAY_MS);

export async function makeIdentity(name: string, options: IdentityOptions = {}): Promise<Identity> {
  const keys = options.keys ??
    await crypto.subtle.generateKey(options.key ?? P256, true, ["sign", "verify"]) as CryptoKeyPair;
  const certificate = new Certificate();
  certificate.version = 2;
  certificate.serialNumber = new Integer({ value: 1 + crypto.getRandomValues(new Uint16Array(1))[0]! });
  certificate.subject.typesAndValues.push(commonName(name));
  certificate.issuer.typesAndValues.push(commonName(options.issuer?.name ?? name));
  certificate.notBefore.value = options.notBefore ?? YESTERDAY;
  certificate.notAfter.value = options.notAfter ?? TOMORROW;
  const extensions = [...options.extensions ?? []];
  if (options.names !== undefined) extensions.push(alternativeNames(options.names));
  if (extensions.length > 0) certificate.extensions = extensions;
  await certificate.subjectPublicKeyInfo.importKey(keys.publicKey);
  await certificate.sign((options.issuer?.keys ?? keys).privateKey, options.hash ?? "SHA-256");
  const own = new Uint8Array(certificate.toSchema(true).toBER());
  const above = options.issuer?.chain.length === 1 && isRoot(options.issuer)
    ? []
    : options.issuer?.chain ?? [];
  return withChain({ name, keys, keyPem: await keyPem(keys) }, [own, ...above]);
}

/** The same key behind another chain. */
export function withChain(
  identity: Pick<Identity, "name" | "keys" | "keyPem">,
  chain: readonly Uint8Array[],
): Identity {
  return { ...identity, chain, chainPem: chain.map((der) => pem("CERTIFICATE", der)).join("") };
}

/** That this is a certification authority, or that it is none. */
export function basicConstraints(isAuthority: boolean, pathLength?: number): Extension {
  const value = new BasicConstraints({
    cA: isAuthority,
    ...(pathLength !== undefined && { pathLenConstraint: pathLength }),
  });
  return new Extension({ extnID: "2.5.29.19", critical: true, extnValue: value.toSchema().toBER() });
}

/** That names are to end in `name`. */
export function permittedName(name: string): Extension {
  const base = new GeneralName({ type: 2, value: name });
  const value = new NameConstraints({ permittedSubtrees: [new GeneralSubtree({ base })] });
  return new Extension({ extnID: "2.5.29.30", critical: true, extnValue: value.toSchema().toBER() });
}

/** That the key is for clients only. */
export function forClients(): Extension {
  const value = new Sequence({ value: [new ObjectIdentifier({ value: "1.3.6.1.5.5.7.3.2" })] });
  return new Extension({ extnID: "2.5.29.37", extnValue: value.toBER() });
}

/** What nobody knows, and must know. */
export function unknownCritical(): Extension {
  return new Extension({ extnID: "1.3.6.1.4.1.99999.1", critical: true, extnValue: new Null().toBER() });
}

/** Basic constraints that hold something else. */
export function brokenConstraints(): Extension {
  return new Extension({
    extnID: "2.5.29.19",
    extnValue: new Sequence({ value: [new Asn1Boolean({ value: true }), new Null()] }).toBER(),
  });
}

function isRoot({ chain }: Identity): boolean {
  const { issuer, subject } = Certificate.fromBER(chain[0]!.slice().buffer);
  return issuer.isEqual(subject);
}

function alternativeNames(names: readonly string[]): Extension {
  const value = new GeneralNames({ names: names.map((name) => new GeneralName({ type: 2, value: name })) });
  return new Extension({ extnID: "2.5.29.17", extnValue: value.toSchema().toBER() });
}

function commonName(value: string): AttributeTypeAndValue {
  return new AttributeTypeAndValue({ type: "2.5.4.3", value: new Utf8String({ value }) });
}

async function keyPem({ privateKey }: CryptoKeyPair): Promise<string> {
  return pem("PRIVATE KEY", new Uint8Array(await crypto.subtle.exportKey("pkcs8", privateKey)));
}

export function pem(label: string, der: Uint8Array): string {
  const base64 = btoa(String.fromCharCode(...der)).replace(/.{64}(?=.)/g, "$&\n");
  return `-----BEGIN ${label}-----\n${base64}\n-----END ${label}-----\n`;
}
