import { IPV4_FIRST, IPV4_LAST, ipv4ToAddress, isIpv4 } from "./address.ts";
import { type Interval, intervalToCidrs } from "./interval.ts";
import { contains, countCommon, intersect, subtract, union } from "./interval_algebra.ts";
import { Ipv4Builder, Ipv6Builder } from "./interval_builder.ts";
import { IPV4, type Ipv4Words, IPV6, type Ipv6Words } from "./interval_layout.ts";

/**
 * An immutable set of addresses, as sorted, disjoint intervals that don't touch. No interval holds addresses of both
 * families: one that was given so is held as its parts.
 */
export class IntervalSet implements Iterable<Interval> {
  static readonly EMPTY: IntervalSet = new IntervalSet(IPV4.create(0), IPV6.create(0));

  /** First and last 32-bit number of each IPv4 interval in turn. Not to be written to. */
  readonly ipv4: Ipv4Words;
  /** First and last address of each IPv6 interval in turn, the upper half of either first. Not to be written to. */
  readonly ipv6: Ipv6Words;

  private constructor(ipv4: Ipv4Words, ipv6: Ipv6Words) {
    this.ipv4 = ipv4;
    this.ipv6 = ipv6;
  }

  /** The set of all addresses in `intervals`, which may overlap and come in any order. */
  static from(intervals: Iterable<Interval>): IntervalSet {
    const builder = new IntervalSetBuilder();
    for (const interval of intervals) builder.add(interval);
    return builder.build();
  }

  static union(sets: readonly IntervalSet[]): IntervalSet {
    if (sets.length <= 2) return (sets[0] ?? IntervalSet.EMPTY).union(sets[1] ?? IntervalSet.EMPTY);
    // Sorting once is faster than merging again and again.
    const builder = new IntervalSetBuilder();
    for (const set of sets) builder.addSet(set);
    return builder.build();
  }

  /** Takes over arrays that are in normal form already. */
  static fromWords(ipv4: Ipv4Words, ipv6: Ipv6Words): IntervalSet {
    return ipv4.length + ipv6.length === 0 ? IntervalSet.EMPTY : new IntervalSet(ipv4, ipv6);
  }

  get isEmpty(): boolean {
    return this.intervalCount === 0;
  }

  get intervalCount(): number {
    return this.ipv4.length / IPV4.wordCount + this.ipv6.length / IPV6.wordCount;
  }

  /** How many addresses are in the set. */
  get addressCount(): bigint {
    return IPV4.addressCount(this.ipv4, 0, this.ipv4.length / IPV4.wordCount) +
      IPV6.addressCount(this.ipv6, 0, this.ipv6.length / IPV6.wordCount);
  }

  *[Symbol.iterator](): Iterator<Interval> {
    // IPv4 stands in the middle of the number line.
    let ipv6Index = 0;
    for (const interval of this.#ipv6From(0)) {
      if (interval.first > IPV4_LAST) break;
      yield interval;
      ipv6Index += 1;
    }
    for (let index = 0; index < this.ipv4.length; index += 2) {
      yield { first: ipv4ToAddress(this.ipv4[index]!), last: ipv4ToAddress(this.ipv4[index + 1]!) };
    }
    yield* this.#ipv6From(ipv6Index);
  }

  contains(address: bigint): boolean {
    return isIpv4(address)
      ? contains(IPV4, this.ipv4, Number(address - IPV4_FIRST))
      : contains(IPV6, this.ipv6, address);
  }

  equals(other: IntervalSet): boolean {
    return areEqual(this.ipv4, other.ipv4) && areEqual(this.ipv6, other.ipv6);
  }

  union(other: IntervalSet): IntervalSet {
    return IntervalSet.fromWords(union(IPV4, this.ipv4, other.ipv4), union(IPV6, this.ipv6, other.ipv6));
  }

  intersect(other: IntervalSet): IntervalSet {
    return IntervalSet.fromWords(
      intersect(IPV4, this.ipv4, other.ipv4),
      intersect(IPV6, this.ipv6, other.ipv6),
    );
  }

  subtract(other: IntervalSet): IntervalSet {
    return IntervalSet.fromWords(
      subtract(IPV4, this.ipv4, other.ipv4),
      subtract(IPV6, this.ipv6, other.ipv6),
    );
  }

  /** How many addresses are in both sets; builds no third one. */
  countCommon(other: IntervalSet): bigint {
    return countCommon(IPV4, this.ipv4, other.ipv4) + countCommon(IPV6, this.ipv6, other.ipv6);
  }

  /** The fewest CIDR blocks that make up the set, as text, in order. */
  toCidrs(): string[] {
    return [...this].flatMap(intervalToCidrs);
  }

  *#ipv6From(index: number): Generator<Interval> {
    for (; index < this.ipv6.length / IPV6.wordCount; index += 1) {
      yield { first: IPV6.first(this.ipv6, index), last: IPV6.last(this.ipv6, index) };
    }
  }
}

/** Collects intervals in any order, overlapping or not, and makes a set of them. */
export class IntervalSetBuilder {
  readonly #ipv4 = new Ipv4Builder();
  readonly #ipv6 = new Ipv6Builder();

  add({ first, last }: Interval): void {
    if (first < IPV4_FIRST) this.#ipv6.add(first, last < IPV4_FIRST ? last : IPV4_FIRST - 1n);
    if (first <= IPV4_LAST && last >= IPV4_FIRST) {
      this.addIpv4(
        first < IPV4_FIRST ? 0 : Number(first - IPV4_FIRST),
        Number((last < IPV4_LAST ? last : IPV4_LAST) - IPV4_FIRST),
      );
    }
    if (last > IPV4_LAST) this.#ipv6.add(first > IPV4_LAST ? first : IPV4_LAST + 1n, last);
  }

  /** Adds an IPv4 interval by its 32-bit numbers. */
  addIpv4(first: number, last: number): void {
    this.#ipv4.add(first, last);
  }

  addSet({ ipv4, ipv6 }: IntervalSet): void {
    for (let index = 0; index < ipv4.length; index += IPV4.wordCount) {
      this.#ipv4.add(ipv4[index]!, ipv4[index + 1]!);
    }
    for (let index = 0; index < ipv6.length / IPV6.wordCount; index += 1) {
      this.#ipv6.add(IPV6.first(ipv6, index), IPV6.last(ipv6, index));
    }
  }

  /** Empties the builder, whose memory the set takes over. */
  build(): IntervalSet {
    return IntervalSet.fromWords(this.#ipv4.build(), this.#ipv6.build());
  }
}

/** All of IPv4. On the number line these are the IPv4-mapped addresses (RFC 4291, 2.5.5.2). */
export const IPV4_ADDRESSES: IntervalSet = IntervalSet.from([{ first: IPV4_FIRST, last: IPV4_LAST }]);

function areEqual<Word>(left: ArrayLike<Word>, right: ArrayLike<Word>): boolean {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index += 1) {
    if (left[index] !== right[index]) return false;
  }
  return true;
}
