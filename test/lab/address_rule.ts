import { numberOfAddress, type Prefix } from "./prefix.ts";

/** What the lab's world does with a SYN: answer with TLS, answer with RST, or not at all. */
export type AddressClass = "live" | "closed" | "silent";

/**
 * The rule that decides, from an address alone, what it is and which certificate it serves. The kernel
 * evaluates it with nftables' `jhash`, and this module with the same function, so truth and behaviour come
 * from one rule.
 */
export interface AddressRule {
  /** Seeds both hashes. */
  readonly seed: number;
  /** Of ten thousand addresses, how many are live, and how many silent; the rest are closed. */
  readonly livePerTenThousand: number;
  readonly silentPerTenThousand: number;
  /** How many certificates are spread over the live addresses. */
  readonly certificateCount: number;
}

/** The number of classes of addresses the first hash tells apart. */
export const CLASS_MODULUS = 10_000;

/** What the rule says of an address. */
export function classOf(rule: AddressRule, address: string): AddressClass {
  return classOfNumber(rule, numberOfAddress(address));
}

/** The index of the certificate that an address serves if it is live. */
export function certificateOf(rule: AddressRule, address: string): number {
  return certificateOfNumber(rule, numberOfAddress(address));
}

/** Every live address of a prefix in ascending order, as a number, with its certificate. */
export function* liveAddresses(
  rule: AddressRule,
  prefix: Prefix,
): Generator<[address: number, certificate: number]> {
  for (let address = prefix.first; address <= prefix.last; address++) {
    if (classOfNumber(rule, address) === "live") yield [address, certificateOfNumber(rule, address)];
  }
}

/** The seed of the hash that decides the class, and of the one that decides the certificate. */
export function hashSeeds(rule: AddressRule): { classSeed: number; certificateSeed: number } {
  // nftables picks a random seed when it is told 0, so neither may be.
  const classSeed = (Math.imul(rule.seed, 2) | 1) >>> 0;
  return { classSeed, certificateSeed: (classSeed ^ 0x5bd1_e994) >>> 0 };
}

function classOfNumber(rule: AddressRule, address: number): AddressClass {
  const value = hashInto(CLASS_MODULUS, address, hashSeeds(rule).classSeed);
  if (value < rule.livePerTenThousand) return "live";
  return value < rule.livePerTenThousand + rule.silentPerTenThousand ? "silent" : "closed";
}

function certificateOfNumber(rule: AddressRule, address: number): number {
  return hashInto(rule.certificateCount, address, hashSeeds(rule).certificateSeed);
}

/** nftables' `jhash ip daddr mod MODULUS seed SEED`: the hash is scaled into the range, not divided. */
function hashInto(modulus: number, address: number, seed: number): number {
  return Math.floor(jenkinsHash(address, seed) * modulus / 2 ** 32);
}

/** The kernel's jhash (Bob Jenkins' lookup3) of the four octets of an address in network order. */
function jenkinsHash(address: number, seed: number): number {
  const octets = ((address & 0xff) << 24) | ((address & 0xff00) << 8) | ((address >>> 8) & 0xff00) |
    (address >>> 24);
  const start = (0xdead_beef + 4 + seed) | 0;
  let a = (start + octets) | 0;
  let b = start;
  let c = start;
  c = ((c ^ b) - rotateLeft(b, 14)) | 0;
  a = ((a ^ c) - rotateLeft(c, 11)) | 0;
  b = ((b ^ a) - rotateLeft(a, 25)) | 0;
  c = ((c ^ b) - rotateLeft(b, 16)) | 0;
  a = ((a ^ c) - rotateLeft(c, 4)) | 0;
  b = ((b ^ a) - rotateLeft(a, 14)) | 0;
  c = ((c ^ b) - rotateLeft(b, 24)) | 0;
  return c >>> 0;
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
