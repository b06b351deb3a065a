import { Buffer } from "node:buffer";
import { fingerprint, parseCertificate } from "../src/x509/mod.ts";
import type { Measurement } from "./bench.ts";
import { interleave, itemsPerSecond, median } from "./interleave.ts";

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

/** Reads and hashes every root with margay's reader and with `read`, in turn; certificates per second of both. */
export async function compareReaders(
  rounds: number,
  roots: readonly Buffer<ArrayBuffer>[],
  read: (der: Buffer<ArrayBuffer>) => unknown,
): Promise<Measurement> {
  const samples = await interleave(rounds, {
    ours: () =>
      itemsPerSecond(roots.length, () => {
        for (const der of roots) {
          fingerprint(der);
          parseCertificate(der);
        }
      }),
    peer: () => itemsPerSecond(roots.length, () => roots.forEach(read)),
  });
  return { ours: median(samples.ours), peer: median(samples.peer) };
}
