/**
 * How the intervals of one family lie in a typed array: first and last address of each in turn, both included. The
 * library reads the same arrays, so a list of millions of addresses exists once.
 *
 * @module
 */

/** What the algebra needs of a typed array. */
export interface Words<Self> {
  readonly length: number;
  set(source: Self, offset?: number): void;
  slice(start: number, end: number): Self;
  subarray(start: number, end: number): Self;
}

/** An IPv4 address is its 32-bit number here, an IPv6 address all of its 128 bits. */
export interface IntervalLayout<Address extends number | bigint, Array extends Words<Array>> {
  /** How many words an interval takes. */
  readonly wordCount: number;
  create(intervalCount: number): Array;
  first(words: Array, index: number): Address;
  last(words: Array, index: number): Address;
  write(words: Array, index: number, first: Address, last: Address): void;
  /** How many addresses an interval has. */
  size(first: Address, last: Address): bigint;
  /** How many addresses the intervals from `start` up to `end` have. */
  addressCount(words: Array, start: number, end: number): bigint;
  /** One further; beyond the last address there is still a number. */
  after(address: Address): Address;
  /** One back; before the first address there is still a number. */
  before(address: Address): Address;
}

export type Ipv4Words = Uint32Array<ArrayBuffer>;
export type Ipv6Words = BigUint64Array<ArrayBuffer>;

/** `first, last` */
class Ipv4Layout implements IntervalLayout<number, Ipv4Words> {
  readonly wordCount = 2;

  create(intervalCount: number): Ipv4Words {
    return new Uint32Array(intervalCount * 2);
  }

  first(words: Ipv4Words, index: number): number {
    return words[index * 2]!;
  }

  last(words: Ipv4Words, index: number): number {
    return words[index * 2 + 1]!;
  }

  write(words: Ipv4Words, index: number, first: number, last: number): void {
    words[index * 2] = first;
    words[index * 2 + 1] = last;
  }

  size(first: number, last: number): bigint {
    return BigInt(last - first + 1);
  }

  addressCount(words: Ipv4Words, start: number, end: number): bigint {
    let count = 0;
    for (let index = start; index < end; index += 1) {
      count += words[index * 2 + 1]! - words[index * 2]! + 1;
    }
    return BigInt(count);
  }

  after(address: number): number {
    return address + 1;
  }

  before(address: number): number {
    return address - 1;
  }
}

/** Upper half of the first address, lower half, and the same of the last. */
class Ipv6Layout implements IntervalLayout<bigint, Ipv6Words> {
  readonly wordCount = 4;

  create(intervalCount: number): Ipv6Words {
    return new BigUint64Array(intervalCount * 4);
  }

  first(words: Ipv6Words, index: number): bigint {
    return words[index * 4]! << 64n | words[index * 4 + 1]!;
  }

  last(words: Ipv6Words, index: number): bigint {
    return words[index * 4 + 2]! << 64n | words[index * 4 + 3]!;
  }

  write(words: Ipv6Words, index: number, first: bigint, last: bigint): void {
    // A word takes the lower 64 bits of what is assigned to it.
    words[index * 4] = first >> 64n;
    words[index * 4 + 1] = first;
    words[index * 4 + 2] = last >> 64n;
    words[index * 4 + 3] = last;
  }

  size(first: bigint, last: bigint): bigint {
    return last - first + 1n;
  }

  addressCount(words: Ipv6Words, start: number, end: number): bigint {
    let count = 0n;
    for (let index = start; index < end; index += 1) {
      count += this.size(this.first(words, index), this.last(words, index));
    }
    return count;
  }

  after(address: bigint): bigint {
    return address + 1n;
  }

  before(address: bigint): bigint {
    return address - 1n;
  }
}

export const IPV4 = new Ipv4Layout();
export const IPV6 = new Ipv6Layout();
