import { Buffer } from "node:buffer";
import {
  claimsSelfSigned,
  digestCertificate,
  parseCertificate,
  unicodeName,
  validationLevel,
  validitySeconds,
} from "../src/x509/mod.ts";
import { makeLeaves } from "../test/unit/x509/leaves.ts";
import type { Measurement } from "./bench.ts";
import { interleave, itemsPerSecond, median } from "./interleave.ts";
import { readRoots } from "./roots.ts";

/** How many leaves, of 1 to 100 names each, are read beside the roots. */
const LEAF_COUNT = 10_000;

/**
 * Debian's roots and leaves as public servers show them. The order mixes old and new, short and long.
 *
 * @throws {Error} when the roots are not installed.
 */
export function readCorpus(): Buffer<ArrayBuffer>[] {
  return [...readRoots(), ...Array.from(makeLeaves(LEAF_COUNT), (leaf) => Buffer.from(leaf))];
}

/** Everything that margay can say of a certificate, all of it worked out. */
export function readEverything(der: Uint8Array) {
  const certificate = parseCertificate(der);
  return {
    certificate,
    digests: digestCertificate(certificate),
    level: validationLevel(certificate),
    claimsSelfSigned: claimsSelfSigned(certificate),
    seconds: validitySeconds(certificate),
    unicode: certificate.subjectAlternativeName?.dns.map(unicodeName) ?? [],
  };
}

/**
 * Reads everything with margay's reader and with `read` what that gives, in turn; certificates per second of both.
 * Every round goes over its own share of the corpus, so that all of it is read once although a slow peer takes its
 * time.
 */
export async function compareReaders(
  rounds: number,
  corpus: readonly Buffer<ArrayBuffer>[],
  read: (der: Buffer<ArrayBuffer>) => unknown,
): Promise<Measurement> {
  const ours: number[] = [];
  const peer: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const share = corpus.filter((_, index) => index % rounds === round);
    const samples = await interleave(1, {
      ours: () => itemsPerSecond(share.length, () => share.forEach(readEverything)),
      peer: () => itemsPerSecond(share.length, () => share.forEach(read)),
    });
    ours.push(...samples.ours);
    peer.push(...samples.peer);
  }
  return { ours: median(ours), peer: median(peer) };
}
