import { Buffer } from "node:buffer";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { toPem } from "../lab/certificates.ts";
import { basicConstraints, keyUsage, subjectAlternativeName } from "../lab/extensions.ts";
import { COMMON_NAME, DAY_MILLISECONDS, type Identity, issue, serialFrom, TODAY } from "../lab/identity.ts";
import { generateKeys, type KeyKind } from "../lab/keys.ts";
import { seededRandom } from "../lab/seeded_random.ts";
import type { Credentials } from "../lab/server_process.ts";
import { hasTool, runTool } from "../lab/tools.ts";

/** The name in every certificate but one. */
export const SERVER_NAME = "www.lab.example";
export const OTHER_SERVER_NAME = "mail.lab.example";

/** What a server shows: by the kind of its key, or for its other name. */
export type Shown = keyof typeof OPENSSL_KEYS | KeyKind | "other";

/** What OpenSSL is told to make a key. */
const OPENSSL_KEYS = {
  p521: ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"],
  ed25519: ["genpkey", "-algorithm", "ED25519"],
  ed448: ["genpkey", "-algorithm", "ED448"],
  rsaPss: ["genpkey", "-algorithm", "RSA-PSS"],
  dsa: ["dsaparam", "-genkey", "-noout", "1024"],
} as const;

/** Whether a certificate with such a key is made without OpenSSL. */
export function isMadeHere(shown: Shown): boolean {
  return !(shown in OPENSSL_KEYS);
}

const random = seededRandom(1);

export interface Certificates {
  /** Root of all, as PEM. */
  readonly rootPem: string;
  /** Those that could be made here. */
  readonly shown: ReadonlyMap<Shown, Credentials>;
}

/**
 * Makes chains of one to three certificates, all under one root: with RSA leaf, intermediate and root, with
 * Ed448 the leaf alone, else leaf and intermediate.
 */
export async function makeCertificates(): Promise<Certificates> {
  const root = await authority("Interoperation Root");
  const intermediate = await authority("Interoperation Issuing CA", root);
  const shown = new Map<Shown, Credentials>([
    ["rsa", await leaf("rsa", SERVER_NAME, intermediate, [intermediate.der, root.der])],
    ["p256", await leaf("p256", SERVER_NAME, intermediate, [intermediate.der])],
    ["p384", await leaf("p384", SERVER_NAME, intermediate, [intermediate.der])],
    ["other", await leaf("p256", OTHER_SERVER_NAME, intermediate, [intermediate.der])],
  ]);
  if (hasTool("openssl")) {
    for (const kind of Object.keys(OPENSSL_KEYS) as (keyof typeof OPENSSL_KEYS)[]) {
      shown.set(kind, await leafOfOpenssl(kind, intermediate));
    }
  }
  return { rootPem: toPem("CERTIFICATE", root.der), shown };
}

function authority(name: string, issuer?: Identity): Promise<Identity> {
  return identity("p256", name, [basicConstraints(true), keyUsage(true)], issuer);
}

async function leaf(
  kind: KeyKind,
  name: string,
  issuer: Identity,
  issuers: readonly Uint8Array[],
): Promise<Credentials> {
  const extensions = [basicConstraints(false), subjectAlternativeName([name])];
  const { der, keys } = await identity(kind, name, extensions, issuer);
  return { chain: [der, ...issuers], privateKey: await privateKeyOf(keys) };
}

async function identity(
  kind: KeyKind,
  name: string,
  extensions: Parameters<typeof issue>[0]["extensions"],
  issuer?: Identity,
): Promise<Identity> {
  const blueprint = {
    serial: serialFrom(random),
    subject: [[COMMON_NAME, name]] as const,
    notBefore: new Date(TODAY - DAY_MILLISECONDS),
    notAfter: new Date(TODAY + 30 * DAY_MILLISECONDS),
    extensions,
  };
  return await issue(blueprint, await generateKeys(kind), issuer);
}

async function leafOfOpenssl(kind: keyof typeof OPENSSL_KEYS, issuer: Identity): Promise<Credentials> {
  const folder = await mkdtemp("/run/certificates-");
  const path = (name: string) => join(folder, name);
  try {
    await writeFile(path("issuer.pem"), toPem("CERTIFICATE", issuer.der));
    await writeFile(path("issuer.key"), toPem("PRIVATE KEY", await privateKeyOf(issuer.keys)));
    const key = await runTool(["openssl", ...OPENSSL_KEYS[kind]]);
    await runTool(["openssl", "pkcs8", "-topk8", "-nocrypt", "-out", path("leaf.key")], key);
    // The system's adds extensions that the issuer doesn't go with.
    await writeFile(path("config"), "[req]\ndistinguished_name = name\n[name]\n");
    await runTool([
      ...["openssl", "req", "-config", path("config")],
      ...["-x509", "-key", path("leaf.key"), "-days", "30", "-subj", `/CN=${SERVER_NAME}`],
      ...["-CA", path("issuer.pem"), "-CAkey", path("issuer.key"), "-out", path("leaf.pem")],
      ...["-addext", `subjectAltName=DNS:${SERVER_NAME}`],
    ]);
    const own = fromPem(await readFile(path("leaf.pem"), "utf8"));
    return {
      chain: kind === "ed448" ? [own] : [own, issuer.der],
      privateKey: fromPem(await readFile(path("leaf.key"), "utf8")),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

function fromPem(text: string): Uint8Array {
  return Buffer.from(text.replace(/-----.*-----/g, ""), "base64");
}

async function privateKeyOf({ privateKey }: CryptoKeyPair): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.exportKey("pkcs8", privateKey));
}
