import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { fileStateOf } from "../../text/mod.ts";
import { type Link, readLink } from "./link.ts";
import { type PemCertificate, readPem } from "./pem.ts";
import { TrustStore } from "./trust_store.ts";

/** Far more than every root there is; a larger file is something else, and is not read into memory. */
const FILE_SIZE_MAX = 64 * 1024 * 1024;
/** What is looked at in a folder: the usual endings, and the names that OpenSSL's `rehash` gives. */
const CERTIFICATE_FILE = /\.(?:pem|crt|cer|der)$|^[0-9a-f]{8}\.\d+$/;
/** A BEGIN line makes a file text; DER starts with a SEQUENCE. */
const BEGIN = "-----BEGIN ";
const SEQUENCE = 0x30;

/**
 * Reads the roots of a file (PEM with any number of certificates, or one certificate in DER) or of the certificate
 * files of a folder. Without a path, the roots that come with Deno: Mozilla's.
 *
 * @throws {Error} for a path that cannot be read, for one that holds no certificate, and for any certificate
 * that is damaged: one root less would make its servers look untrusted.
 */
export async function readTrustStore(path?: string): Promise<TrustStore> {
  if (path === undefined) {
    return new TrustStore("Deno's roots", linksOf(rootCertificates.join("\n"), "Deno's roots"));
  }
  const { isDirectory } = await stat(path);
  return new TrustStore(path, isDirectory ? await readFolder(path) : await readFile(path));
}

async function readFolder(folder: string): Promise<Link[]> {
  const files: string[] = [];
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      if (!isDirectory && CERTIFICATE_FILE.test(name)) files.push(join(folder, name));
    }
  } catch (error) {
    throw unreadable(folder, error);
  }
  if (files.length === 0) {
    throw new Error(
      `Cannot read roots from ${folder}: there is no certificate file in it (.pem, .crt, .cer, .der); name another`,
    );
  }
  const links: Link[] = [];
  for (const file of files.sort()) links.push(...await readFile(file));
  return links;
}

async function readFile(file: string): Promise<Link[]> {
  const { size } = await stat(file);
  if (size > FILE_SIZE_MAX) {
    throw new Error(
      `Cannot read roots from ${file}: ${size} octets are too many; name a certificate file`,
    );
  }
  const octets = await Deno.readFile(file).catch((error) => {
    throw unreadable(file, error);
  });
  // ISO 8859-1: a comment in any encoding is no reason to refuse a file.
  const text = new TextDecoder("latin1").decode(octets);
  if (text.includes(BEGIN)) return linksOf(text, file);
  if (octets[0] === SEQUENCE) return [checkedLink(octets, file)];
  const state = octets.length === 0 ? "it is empty" : "there is no certificate in it";
  throw new Error(
    `Cannot read roots from ${file}: ${state}; name a file of certificates in PEM or DER`,
  );
}

function linksOf(text: string, file: string): Link[] {
  return readPem(text, file).map(({ der, line }: PemCertificate) => checkedLink(der, `${file}:${line}`));
}

function checkedLink(der: Uint8Array, place: string): Link {
  const link = readLink(der);
  if (link.fault !== null) {
    throw new Error(`Cannot read the certificate at ${place}: ${link.fault}; take it out`);
  }
  return link;
}

async function stat(path: string): Promise<Deno.FileInfo> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): Error {
  return new Error(`Cannot read roots from ${path}: ${fileStateOf(error)}`, { cause: error });
}
