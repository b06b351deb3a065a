/**
 * Sets of addresses as sorted, disjoint intervals that don't touch: the normal form, so equal sets look equal.
 *
 * @module
 */

import { formatAddress, IPV4_FIRST, isIpv4 } from "./address.ts";

/** The addresses from `first` to `last`, both included. */
export interface Interval {
  readonly first: bigint;
  readonly last: bigint;
}

/** An immutable set of addresses. */
export class IntervalSet implements Iterable<Interval> {
  static readonly EMPTY: IntervalSet = new IntervalSet([]);

  /**
   * Start and end of each interval in turn, the end excluded: half-open intervals need no `+ 1` to be compared. One
   * flat array, because a list of single addresses has millions of intervals.
   */
  readonly #bounds: readonly bigint[];

  private constructor(bounds: readonly bigint[]) {
    this.#bounds = bounds;
  }

  /** The set of all addresses in `intervals`, which may overlap and come in any order. */
  static from(intervals: Iterable<Interval>): IntervalSet {
    const builder = new IntervalSetBuilder();
    for (const interval of intervals) builder.add(interval);
    return builder.build();
  }

  static union(sets: readonly IntervalSet[]): IntervalSet {
    const [first = IntervalSet.EMPTY, ...others] = sets.filter((set) => !set.isEmpty);
    if (others.length === 0) return first;
    const builder = new IntervalSetBuilder();
    for (const set of [first, ...others]) {
      for (const interval of set) builder.add(interval);
    }
    return builder.build();
  }

  /** Takes over `bounds`, which are in normal form already. */
  static fromBounds(bounds: readonly bigint[]): IntervalSet {
    return bounds.length === 0 ? IntervalSet.EMPTY : new IntervalSet(bounds);
  }

  get isEmpty(): boolean {
    return this.#bounds.length === 0;
  }

  get intervalCount(): number {
    return this.#bounds.length / 2;
  }

  /** How many addresses are in the set. */
  get addressCount(): bigint {
    let count = 0n;
    for (let index = 0; index < this.intervalCount; index += 1) {
      count += this.#end(index) - this.#start(index);
    }
    return count;
  }

  *[Symbol.iterator](): Iterator<Interval> {
    for (let index = 0; index < this.intervalCount; index += 1) {
      yield { first: this.#start(index), last: this.#end(index) - 1n };
    }
  }

  contains(address: bigint): boolean {
    const index = this.#seek(address, 0);
    return index < this.intervalCount && this.#start(index) <= address;
  }

  equals(other: IntervalSet): boolean {
    return this.#bounds.length === other.#bounds.length &&
      this.#bounds.every((bound, index) => bound === other.#bounds[index]);
  }

  union(other: IntervalSet): IntervalSet {
    return IntervalSet.union([this, other]);
  }

  intersect(other: IntervalSet): IntervalSet {
    // The walk visits every interval on the left and leaps on the right.
    if (this.intervalCount > other.intervalCount) return other.intersect(this);
    const bounds: bigint[] = [];
    let cursor = 0;
    for (let index = 0; index < this.intervalCount; index += 1) {
      const start = this.#start(index);
      const end = this.#end(index);
      cursor = other.#seek(start, cursor);
      for (let match = cursor; match < other.intervalCount && other.#start(match) < end; match += 1) {
        bounds.push(larger(start, other.#start(match)), smaller(end, other.#end(match)));
      }
    }
    return IntervalSet.fromBounds(bounds);
  }

  subtract(other: IntervalSet): IntervalSet {
    const bounds: bigint[] = [];
    let cursor = 0;
    for (let index = 0; index < this.intervalCount; index += 1) {
      let start = this.#start(index);
      const end = this.#end(index);
      cursor = other.#seek(start, cursor);
      for (let match = cursor; match < other.intervalCount && other.#start(match) < end; match += 1) {
        if (other.#start(match) > start) bounds.push(start, other.#start(match));
        start = other.#end(match);
      }
      if (start < end) bounds.push(start, end);
    }
    return IntervalSet.fromBounds(bounds);
  }

  /** The fewest CIDR blocks that make up the set, as text, in order. */
  toCidrs(): string[] {
    return [...this].flatMap(intervalToCidrs);
  }

  #start(index: number): bigint {
    return this.#bounds[index * 2]!;
  }

  #end(index: number): bigint {
    return this.#bounds[index * 2 + 1]!;
  }

  /**
   * The first interval from `from` on that ends behind `address`. Leaps in doubling steps, so that walking a small
   * set along a large one costs the logarithm of the gaps.
   */
  #seek(address: bigint, from: number): number {
    let low = from;
    let step = 1;
    while (low + step <= this.intervalCount && this.#end(low + step - 1) <= address) {
      low += step;
      step *= 2;
    }
    let high = Math.min(low + step - 1, this.intervalCount);
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#end(middle) <= address) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Collects intervals in any order, overlapping or not, and makes a set of them. */
export class IntervalSetBuilder {
  /** IPv4 intervals as `first << 32 | last`: eight octets each, and sorted without a comparison function. */
  #ipv4 = new BigUint64Array(16);
  #ipv4Count = 0;
  #others: Interval[] = [];

  add({ first, last }: Interval): void {
    if (!isIpv4(first) || !isIpv4(last)) {
      this.#others.push({ first, last });
      return;
    }
    if (this.#ipv4Count === this.#ipv4.length) this.#grow();
    this.#ipv4[this.#ipv4Count] = first - IPV4_FIRST << 32n | last - IPV4_FIRST;
    this.#ipv4Count += 1;
  }

  build(): IntervalSet {
    const others = this.#others.toSorted((a, b) => a.first < b.first ? -1 : a.first > b.first ? 1 : 0);
    const bounds: bigint[] = [];
    let nextOther = 0;
    for (const packed of this.#ipv4.slice(0, this.#ipv4Count).sort()) {
      const start = IPV4_FIRST + (packed >> 32n);
      while (nextOther < others.length && others[nextOther]!.first < start) {
        append(bounds, others[nextOther++]!);
      }
      append(bounds, { first: start, last: IPV4_FIRST + (packed & 0xffff_ffffn) });
    }
    while (nextOther < others.length) append(bounds, others[nextOther++]!);
    return IntervalSet.fromBounds(bounds);
  }

  #grow(): void {
    const grown = new BigUint64Array(this.#ipv4.length * 2);
    grown.set(this.#ipv4);
    this.#ipv4 = grown;
  }
}

/** The block of `prefixLength` leading bits (of the 128) around `address`. */
export function fromCidr(address: bigint, prefixLength: number): Interval {
  const hostMask = (1n << BigInt(128 - prefixLength)) - 1n;
  return { first: address & ~hostMask, last: address | hostMask };
}

/** The CIDR where the interval is one, otherwise `first-last`. */
export function formatInterval(interval: Interval): string {
  if (interval.first === interval.last) return formatAddress(interval.first);
  const cidrs = intervalToCidrs(interval);
  return cidrs.length === 1 ? cidrs[0]! : `${formatAddress(interval.first)}-${formatAddress(interval.last)}`;
}

function intervalToCidrs({ first, last }: Interval): string[] {
  const cidrs: string[] = [];
  let start = first;
  while (start <= last) {
    let hostBits = 0n;
    while (hostBits < 128n && (start >> hostBits & 1n) === 0n && start + (2n << hostBits) - 1n <= last) {
      hostBits += 1n;
    }
    const familyBits = isIpv4(start) ? 32n : 128n;
    cidrs.push(`${formatAddress(start)}/${familyBits - hostBits}`);
    start += 1n << hostBits;
  }
  return cidrs;
}

/** Adds an interval that starts no earlier than those before it, joined to the last one where they touch. */
function append(bounds: bigint[], { first, last }: Interval): void {
  const end = last + 1n;
  const previousEnd = bounds.at(-1);
  if (previousEnd === undefined || first > previousEnd) bounds.push(first, end);
  else if (end > previousEnd) bounds[bounds.length - 1] = end;
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
