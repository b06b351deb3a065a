import { Buffer } from "node:buffer";
import { writeFile } from "node:fs/promises";
import { fingerprintOf } from "./certificates.ts";
import { type Identity, issue } from "./identity.ts";
import { generateKeys } from "./keys.ts";
import { chance, pick, type RandomSource, seededRandom } from "./seeded_random.ts";
import { AUTHORITY_COUNT, foundTrustServices } from "./trust_services.ts";
import type { TruthCertificate } from "./truth.ts";
import { webLeaf } from "./web_leaf.ts";

/** A chain as the responder reads it: a record of the truth, with the kind of the leaf's key. */
export interface ChainRecord extends TruthCertificate {
  readonly key: "ecdsa" | "rsa";
}

/** What decides the chains, all but their keys and the day that their dates are counted from. */
export interface ChainOptions {
  readonly count: number;
  readonly seed: number;
  /** How many certificates the chains have, 1 to 5, and the share of each number; together 1. */
  readonly chainLengths: readonly (readonly [length: number, share: number])[];
}

/** RSA keys take long to make, so leaves share some; each is a certificate of its own nevertheless. */
const RSA_KEY_COUNT = 4;

/** Encodes and signs this many at once: enough for every core, and little memory. */
const BATCH_SIZE = 64;

/**
 * Makes chains that weigh what those of the public web do: a leaf of 1 to 2 KB, one in two for an RSA key, and
 * issuers of about 1 KB each. Of the leaves that come alone, half are signed by themselves.
 */
export async function* makeChains(options: ChainOptions): AsyncGenerator<ChainRecord> {
  const random = seededRandom(options.seed);
  const services = await foundTrustServices(random);
  const rsaKeys = await Promise.all(Array.from({ length: RSA_KEY_COUNT }, () => generateKeys("rsa")));
  const make = async (index: number): Promise<ChainRecord> => {
    // Every choice is drawn before the first await, so that they come in the order of the chains.
    const length = lengthFrom(random, options.chainLengths);
    const isSelfSigned = length === 1 && chance(random, 0.5);
    const service = isSelfSigned ? undefined : pick(random, services);
    const blueprint = webLeaf(random, index, service);
    const key = chance(random, 0.5) ? "rsa" : "ecdsa";
    const keys = key === "rsa" ? pick(random, rsaKeys) : await generateKeys("p256");
    const leaf = await issue(blueprint, keys, service?.authorities[0]?.identity);
    const issuers = service?.authorities.slice(0, length - 1).map(({ identity }) => identity) ?? [];
    return recordOf(index, key, [leaf, ...issuers]);
  };
  for (let first = 0; first < options.count; first += BATCH_SIZE) {
    const size = Math.min(BATCH_SIZE, options.count - first);
    yield* await Promise.all(Array.from({ length: size }, (_, offset) => make(first + offset)));
  }
}

/**
 * Writes chains into a file that the responder reads: NDJSON, one {@link ChainRecord} a line, its index from 0
 * without gaps.
 */
export async function writeChains(path: string, options: ChainOptions): Promise<void> {
  const lines = async function* () {
    for await (const record of makeChains(options)) yield `${JSON.stringify(record)}\n`;
  };
  await writeFile(path, lines());
}

function recordOf(index: number, key: ChainRecord["key"], identities: readonly Identity[]): ChainRecord {
  const chain = identities.map(({ der }) => der);
  return {
    record: "certificate",
    index,
    fingerprints: chain.map(fingerprintOf),
    chain: chain.map((der) => Buffer.from(der).toString("base64")),
    key,
  };
}

function lengthFrom(random: RandomSource, lengths: ChainOptions["chainLengths"]): number {
  let rest = random();
  for (const [length, share] of lengths) {
    if (length < 1 || length > AUTHORITY_COUNT + 1) {
      throw new RangeError(
        `Cannot make a chain of ${length} certificates: 1 to ${AUTHORITY_COUNT + 1} can be`,
      );
    }
    if (rest < share) return length;
    rest -= share;
  }
  // Shares in floating point may add up to a little less than 1.
  return lengths.at(-1)?.[0] ?? 1;
}
