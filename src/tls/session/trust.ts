/**
 * Whom sessions trust: the roots of this machine, or certain ones.
 *
 * Deno reads once which roots it trusts by itself: the executable when it first needs them, so that they are exactly
 * these if this comes before any TLS; `deno run` when it starts, so that its own (Mozilla's, unless it is told
 * otherwise) are trusted beside these.
 *
 * @module
 */

import { base64 } from "../../text/mod.ts";
import { fingerprint } from "../../x509/mod.ts";

/** Roots that a server's chain may lead to. */
export interface Trust {
  /** Where the roots are from, for people. */
  readonly source: string;
  readonly rootCount: number;
  /** As PEM, for each handshake to take along; empty where the process trusts them by itself, which costs nothing. */
  readonly caCerts: readonly string[];
}

/** Where distributions keep all roots in one file, by how common they are. */
const SYSTEM_BUNDLES = [
  "/etc/ssl/certs/ca-certificates.crt", // Debian, Ubuntu, Arch, Gentoo
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // Fedora, RHEL
  "/etc/pki/tls/certs/ca-bundle.crt", // RHEL, older
  "/etc/ssl/ca-bundle.pem", // openSUSE
  "/etc/ssl/cert.pem", // Alpine
];

/** What this machine's roots are read from instead, where it is set: OpenSSL's variable, which others heed too. */
const BUNDLE_VARIABLE = "SSL_CERT_FILE";

/** Of Deno: which roots it trusts, `system` or `mozilla`, comma-separated. Nothing in it trusts nobody. */
const STORE_VARIABLE = "DENO_TLS_CA_STORE";

/** A certificate in PEM (RFC 7468, 5), also one that breaks off. */
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*(?:-----END CERTIFICATE-----)?/g;

/**
 * Trusts these roots, in DER, and makes sure that Deno's TLS takes them.
 *
 * @param source where they are from, for people.
 * @throws {Error} for a root that Deno's TLS cannot use.
 */
export function trustRoots(source: string, roots: readonly Uint8Array[]): Trust {
  if (Deno.build.standalone) Deno.env.set(STORE_VARIABLE, "");
  const unfit = roots.find((root) => !isFit(toPem(root)));
  if (unfit !== undefined) {
    throw new Error(
      `Cannot trust ${source}: Deno's TLS cannot use the certificate ${
        fingerprint(unfit)
      } in it; take it out`,
    );
  }
  return trustIn(source, roots.map(toPem));
}

/**
 * Trusts the roots of this machine, as far as Deno's TLS takes them.
 *
 * @throws {Error} when they cannot be read, or there are none.
 */
export async function loadSystemTrust(): Promise<Trust> {
  const path = await findSystemBundle();
  if (Deno.build.standalone) {
    Deno.env.set(STORE_VARIABLE, "system");
    Deno.env.set(BUNDLE_VARIABLE, path);
    // It would be read as well.
    Deno.env.delete("SSL_CERT_DIR");
  }
  const roots = ((await read(path)).match(CERTIFICATE) ?? []).filter(isFit);
  if (roots.length === 0) {
    throw new Error(`Cannot trust ${path}: there is no certificate in it; name a file of PEM certificates`);
  }
  const trust = trustIn(path, roots);
  return Deno.build.standalone ? { ...trust, caCerts: [] } : trust;
}

async function findSystemBundle(): Promise<string> {
  const told = Deno.env.get(BUNDLE_VARIABLE);
  if (told !== undefined && told !== "") return told;
  for (const path of SYSTEM_BUNDLES) {
    if (await exists(path)) return path;
  }
  throw new Error(
    "Cannot find this machine's trusted roots: none of the usual files is there; " +
      `install ca-certificates, set ${BUNDLE_VARIABLE}, or name a file`,
  );
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}

/** As Latin-1, in which any comment is text. */
async function read(path: string): Promise<string> {
  try {
    return new TextDecoder("latin1").decode(await Deno.readFile(path));
  } catch (error) {
    const state = error instanceof Deno.errors.NotFound ? "there is no such file" : (error as Error).message;
    throw new Error(`Cannot read trusted roots from ${path}: ${state}`, { cause: error });
  }
}

/** Whether Deno's TLS can use a root: with a single one that it cannot use, every handshake would fail. */
function isFit(root: string): boolean {
  try {
    Deno.createHttpClient({ caCerts: [root] }).close();
    return true;
  } catch {
    return false;
  }
}

function toPem(der: Uint8Array): string {
  const lines = base64(der).replace(/.{64}(?=.)/g, "$&\n");
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----`;
}

function trustIn(source: string, roots: readonly string[]): Trust {
  return { source, rootCount: roots.length, caCerts: [roots.join("\n")] };
}
