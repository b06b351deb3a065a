import { IPV4, type Ipv4Words, IPV6, type Ipv6Words } from "./interval_layout.ts";

/** Collects IPv4 intervals in any order, overlapping or not. */
export class Ipv4Builder {
  /** The last address stands first, so that an interval read as one number sorts by its first address. */
  #words: Ipv4Words = IPV4.create(0);
  #count = 0;
  #isSorted = true;

  add(first: number, last: number): void {
    if (this.#count * 2 === this.#words.length) this.#grow();
    const at = this.#count * 2;
    if (at > 0 && first < this.#words[at - 1]!) this.#isSorted = false;
    this.#words[at] = last;
    this.#words[at + 1] = first;
    this.#count += 1;
  }

  /** The intervals in normal form. The builder's memory goes with them: it is empty afterwards. */
  build(): Ipv4Words {
    const words = this.#words;
    const count = this.#count;
    if (!this.#isSorted) new BigUint64Array(words.buffer, 0, count).sort();
    let kept = -1;
    let end = -1;
    for (let index = 0; index < count; index += 1) {
      const last = words[index * 2]!;
      const first = words[index * 2 + 1]!;
      if (first > end) {
        kept += 1;
        words[kept * 2] = first;
      } else if (last < end) {
        continue;
      }
      words[kept * 2 + 1] = last;
      end = last + 1;
    }
    this.#words = IPV4.create(0);
    this.#count = 0;
    this.#isSorted = true;
    return words.subarray(0, (kept + 1) * 2);
  }

  #grow(): void {
    const grown = IPV4.create(Math.max(8, this.#count * 2));
    grown.set(this.#words);
    this.#words = grown;
  }
}

/** Collects IPv6 intervals in any order, overlapping or not. */
export class Ipv6Builder {
  #words: Ipv6Words = IPV6.create(0);
  #count = 0;
  #isSorted = true;

  add(first: bigint, last: bigint): void {
    if (this.#count * 4 === this.#words.length) this.#grow();
    if (this.#count > 0 && first < IPV6.first(this.#words, this.#count - 1)) this.#isSorted = false;
    IPV6.write(this.#words, this.#count, first, last);
    this.#count += 1;
  }

  /** The intervals in normal form. The builder is empty afterwards. */
  build(): Ipv6Words {
    const words = this.#isSorted ? this.#words : this.#sorted();
    const count = this.#count;
    let kept = -1;
    let keptFirst = 0n;
    let keptLast = -2n;
    for (let index = 0; index < count; index += 1) {
      const first = IPV6.first(words, index);
      const last = IPV6.last(words, index);
      if (first > keptLast + 1n) {
        kept += 1;
        keptFirst = first;
      } else if (last <= keptLast) {
        continue;
      }
      keptLast = last;
      IPV6.write(words, kept, keptFirst, keptLast);
    }
    this.#words = IPV6.create(0);
    this.#count = 0;
    this.#isSorted = true;
    return words.subarray(0, (kept + 1) * 4);
  }

  /** By the first address. */
  #sorted(): Ipv6Words {
    const order = radixOrder(new Uint16Array(this.#words.buffer), this.#count);
    const sorted = IPV6.create(this.#count);
    for (let index = 0; index < this.#count; index += 1) {
      const from = order[index]! * 4;
      for (let word = 0; word < 4; word += 1) sorted[index * 4 + word] = this.#words[from + word]!;
    }
    return sorted;
  }

  #grow(): void {
    const grown = IPV6.create(Math.max(8, this.#count * 2));
    grown.set(this.#words);
    this.#words = grown;
  }
}

/** How many digits of 16 bits an interval has; the first half is its first address. */
const DIGIT_COUNT = 16;
/** Where the digits of the first address stand, the lowest first: octets are little-endian, halves are not. */
const DIGITS_OF_FIRST = [4, 5, 6, 7, 0, 1, 2, 3];

/** The order of `count` intervals by their first address: a radix sort from the lowest digit on. */
function radixOrder(digits: Uint16Array, count: number): Uint32Array {
  let order = new Uint32Array(count);
  for (let index = 0; index < count; index += 1) order[index] = index;
  let next = new Uint32Array(count);
  const starts = new Uint32Array(0x1_0000);
  for (const digit of DIGITS_OF_FIRST) {
    starts.fill(0);
    for (let index = 0; index < count; index += 1) starts[digits[index * DIGIT_COUNT + digit]!]! += 1;
    // Addresses of one network have most digits in common.
    if (starts[digits[digit]!] === count) continue;
    let start = 0;
    for (let value = 0; value < starts.length; value += 1) {
      const size = starts[value]!;
      starts[value] = start;
      start += size;
    }
    for (const index of order) next[starts[digits[index * DIGIT_COUNT + digit]!]!++] = index;
    [order, next] = [next, order];
  }
  return order;
}
