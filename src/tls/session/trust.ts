/**
 * Whom sessions trust: the roots of this machine, or those in a file.
 *
 * @module
 */

import { readFile } from "node:fs/promises";

/** Roots that a server's chain may lead to. */
export interface Trust {
  /** The file that the roots were read from. */
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
 * Reads roots, from `path` or else of this machine, and makes sure that Deno's TLS takes them.
 *
 * Deno reads once which roots it trusts by itself: the executable when it first needs them, so that they are exactly
 * these if this comes before any TLS; `deno run` when it starts, so that its own (Mozilla's, unless it is told
 * otherwise) are trusted beside these.
 *
 * @param path PEM. Every certificate in it has to be fit for use, where one in this machine's roots is passed over.
 * @throws {Error} when the roots cannot be read, or there are none.
 */
export function loadTrust(path?: string): Promise<Trust> {
  return path === undefined ? loadSystemTrust() : loadFileTrust(path);
}

async function loadFileTrust(path: string): Promise<Trust> {
  if (Deno.build.standalone) Deno.env.set(STORE_VARIABLE, "");
  const text = await read(path);
  const damaged = [...text.matchAll(CERTIFICATE)].find(([root]) => !isFit(root));
  if (damaged !== undefined) {
    const line = text.slice(0, damaged.index).split("\n").length;
    throw new Error(`Cannot trust ${path}: the certificate in line ${line} is damaged; take it out`);
  }
  return trustIn(path, text.match(CERTIFICATE) ?? []);
}

async function loadSystemTrust(): Promise<Trust> {
  const path = await findSystemBundle();
  if (Deno.build.standalone) {
    Deno.env.set(STORE_VARIABLE, "system");
    Deno.env.set(BUNDLE_VARIABLE, path);
    // It would be read as well.
    Deno.env.delete("SSL_CERT_DIR");
  }
  const roots = (await read(path)).match(CERTIFICATE) ?? [];
  const trust = trustIn(path, roots.filter(isFit));
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

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, "latin1");
  } catch (error) {
    throw new Error(`Cannot read trusted roots from ${path}: ${stateOf(error)}`, { cause: error });
  }
}

function stateOf(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case "ENOENT":
      return "there is no such file";
    case "EACCES":
      return "permission denied";
    case "EISDIR":
      return "it is a folder; name a file of PEM certificates";
    default:
      return (error as Error).message;
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

function trustIn(path: string, roots: readonly string[]): Trust {
  if (roots.length === 0) {
    throw new Error(`Cannot trust ${path}: there is no certificate in it; name a file of PEM certificates`);
  }
  return { source: path, rootCount: roots.length, caCerts: [roots.join("\n")] };
}
