/**
 * Signatures of certificates, checked by the runtime's cryptography: Web Crypto, which works in other threads, and
 * `node:crypto` for what that lacks. DSA is not checked: no TLS client takes it any more, and with numbers that a
 * stranger chose to be long it would hold everything up.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createPublicKey, verify } from "node:crypto";
import type { ParsedCertificate } from "../certificate.ts";
import type { PublicKey } from "../public_key.ts";
import { fixedLengthSignature } from "./ecdsa_signature.ts";

/** `unsupported`: the runtime has no such algorithm, curve or size, so nothing is known. */
export type SignatureState = "valid" | "invalid" | "unsupported";

type Octets = Uint8Array<ArrayBuffer>;

/** What goes into a check. */
interface Signed {
  readonly key: PublicKey;
  readonly hash: string | null;
  readonly maskHash: string | null;
  readonly saltLength: number | null;
  /** Copies: Web Crypto reads them in another thread. */
  readonly content: Octets;
  readonly signature: Octets;
}

/** Hashes by their usual names, which are Web Crypto's: `node:crypto`'s names, and octets of what they give. */
const HASHES: ReadonlyMap<string, { readonly nodeName: string; readonly length: number }> = new Map([
  ["MD5", { nodeName: "md5", length: 16 }],
  ["SHA-1", { nodeName: "sha1", length: 20 }],
  ["SHA-224", { nodeName: "sha224", length: 28 }],
  ["SHA-256", { nodeName: "sha256", length: 32 }],
  ["SHA-384", { nodeName: "sha384", length: 48 }],
  ["SHA-512", { nodeName: "sha512", length: 64 }],
  ["SHA3-256", { nodeName: "sha3-256", length: 32 }],
  ["SHA3-384", { nodeName: "sha3-384", length: 48 }],
  ["SHA3-512", { nodeName: "sha3-512", length: 64 }],
]);
const WEB_HASHES: readonly string[] = ["SHA-1", "SHA-256", "SHA-384", "SHA-512"];

/** Curves of Web Crypto, and how many octets a number of theirs has. */
const WEB_CURVES: ReadonlyMap<string, number> = new Map([["P-256", 32], ["P-384", 48], ["P-521", 66]]);

/** `node:crypto` has secp256k1 too, but wants the lower of two possible s: it calls every other signature wrong. */
const NODE_CURVE = "P-224";

/** Checks the signature of a certificate under the key of its presumed issuer. Never throws. */
export async function checkSignature(
  certificate: ParsedCertificate,
  key: PublicKey,
): Promise<SignatureState> {
  const { tbs, signatureAlgorithm, signatureValue } = certificate;
  if (tbs === null || signatureAlgorithm === null || signatureValue === null) return "invalid";
  const check = checkOf(signatureAlgorithm.name);
  if (check === undefined) return "unsupported";
  const { algorithms, run } = check;
  if (key.algorithm === null || !algorithms.includes(key.algorithm)) return "invalid";
  const { hash, maskHash, saltLength } = signatureAlgorithm;
  const signed = { key, hash, maskHash, saltLength, content: tbs.slice(), signature: signatureValue.slice() };
  try {
    return await run(signed);
  } catch {
    // The runtime throws for keys that it cannot use.
    return "unsupported";
  }
}

interface Check {
  /** Keys that such a signature can come from, by their names in {@linkcode PublicKey}. */
  readonly algorithms: readonly string[];
  readonly run: (signed: Signed) => Promise<SignatureState> | SignatureState;
}

const RSA: Check = { algorithms: ["RSA"], run: checkRsa };
const PSS: Check = { algorithms: ["RSA", "RSASSA-PSS"], run: checkPss };
const ECDSA: Check = { algorithms: ["EC"], run: checkEcdsa };
const ED25519: Check = { algorithms: ["Ed25519"], run: checkEd25519 };
const ED448: Check = { algorithms: ["Ed448"], run: checkByNode };

function checkOf(algorithm: string): Check | undefined {
  if (algorithm === "RSASSA-PSS") return PSS;
  if (algorithm === "Ed25519") return ED25519;
  if (algorithm === "Ed448") return ED448;
  if (/^ecdsa-with-/.test(algorithm)) return ECDSA;
  if (/WithRSA|^rsassa-pkcs1/.test(algorithm)) return RSA;
  return undefined;
}

async function checkRsa(signed: Signed): Promise<SignatureState> {
  const { hash } = signed;
  if (hash === null || !WEB_HASHES.includes(hash)) return checkByNode(signed);
  return await checkByWeb(signed, { name: "RSASSA-PKCS1-v1_5", hash }, { name: "RSASSA-PKCS1-v1_5" });
}

/** The key goes in as numbers: Web Crypto refuses a SubjectPublicKeyInfo that says it is for RSASSA-PSS only. */
async function checkPss(
  { key, hash, maskHash, saltLength, content, signature }: Signed,
): Promise<SignatureState> {
  const { rsa } = key;
  if (rsa === null || hash === null || hash !== maskHash || saltLength === null) return "unsupported";
  const numbers = { kty: "RSA", n: base64url(rsa.modulus), e: base64url(rsa.exponent) };
  const imported = await crypto.subtle.importKey("jwk", numbers, { name: "RSA-PSS", hash }, false, [
    "verify",
  ]);
  return stateOf(await crypto.subtle.verify({ name: "RSA-PSS", saltLength }, imported, signature, content));
}

async function checkEcdsa(signed: Signed): Promise<SignatureState> {
  const { key, hash, signature } = signed;
  const digestLength = HASHES.get(hash ?? "")?.length;
  if (hash === null || digestLength === undefined || key.curve === null || key.bits === null) {
    return "unsupported";
  }
  // The runtime calls every signature over a digest of less than half the curve's length wrong.
  if (digestLength * 8 < key.bits / 2) return "unsupported";
  const numberLength = WEB_CURVES.get(key.curve);
  if (numberLength === undefined) return key.curve === NODE_CURVE ? checkByNode(signed) : "unsupported";
  if (!WEB_HASHES.includes(hash)) return checkByNode(signed);
  const fixed = fixedLengthSignature(signature, numberLength);
  if (fixed === null) return "invalid";
  const imported = { name: "ECDSA", namedCurve: key.curve };
  return await checkByWeb({ ...signed, signature: fixed }, imported, { name: "ECDSA", hash });
}

async function checkEd25519(signed: Signed): Promise<SignatureState> {
  return await checkByWeb(signed, { name: "Ed25519" }, { name: "Ed25519" });
}

async function checkByWeb(
  { key, content, signature }: Signed,
  algorithm: RsaHashedImportParams | EcKeyImportParams | Algorithm,
  verification: EcdsaParams | Algorithm,
): Promise<SignatureState> {
  const imported = await crypto.subtle.importKey("spki", key.der.slice(), algorithm, false, ["verify"]);
  return stateOf(await crypto.subtle.verify(verification, imported, signature, content));
}

function checkByNode({ key, hash, content, signature }: Signed): SignatureState {
  const name = hash === null ? null : HASHES.get(hash)?.nodeName;
  if (name === undefined) return "unsupported";
  const imported = createPublicKey({ key: Buffer.from(key.der), format: "der", type: "spki" });
  return stateOf(verify(name, content, imported, signature));
}

function stateOf(isValid: boolean): SignatureState {
  return isValid ? "valid" : "invalid";
}

function base64url(octets: Uint8Array): string {
  return Buffer.from(octets).toString("base64url");
}
