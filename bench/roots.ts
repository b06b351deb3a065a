import { Buffer } from "node:buffer";

const bundle = "/etc/ssl/certs/ca-certificates.crt";

/**
 * Debian's root certificates as DER: real ones, of every age and key type, that every machine has.
 *
 * @throws {Error} when they are not installed.
 */
export function readRoots(): Buffer<ArrayBuffer>[] {
  let pem: string;
  try {
    pem = Deno.readTextFileSync(bundle);
  } catch (cause) {
    throw new Error(`Cannot read ${bundle}: on Debian: apt-get install ca-certificates`, { cause });
  }
  return pem.split("-----BEGIN CERTIFICATE-----").slice(1)
    .map((block) => Buffer.from(block.slice(0, block.indexOf("-----END")), "base64"));
}
