import { formatCount } from "../../text/mod.ts";
import { IPV4_FIRST } from "../address.ts";
import { formatInterval, type Interval } from "../interval.ts";
import { TargetError } from "../target_error.ts";

/** How many 32-bit words an address takes, the highest first. IPv4 is the lowest word of an IPv4-mapped address. */
export type WordCount = 1 | 4;

/** Far more than the Internet has prefixes: a file that holds more was made to fill memory. */
const RANGE_COUNT_MAX = 2 ** 23;

/**
 * Public tables of half a million ranges have a slip or two, and are worth more with it than not at all. Where more
 * than one range in so many overlaps another, they are no ranges of one table.
 */
const RANGES_PER_OVERLAP = 10_000;

/**
 * A number for each address of one family, 0 for most of them: where each stretch of equal numbers starts, in order,
 * and which it is.
 */
export class RangeTable {
  readonly #wordCount: WordCount;
  readonly #starts: Uint32Array;
  readonly #values: Uint32Array;
  /** The address that is looked for. */
  readonly #key: Uint32Array;

  constructor(wordCount: WordCount, starts: Uint32Array, values: Uint32Array) {
    this.#wordCount = wordCount;
    this.#starts = starts;
    this.#values = values;
    this.#key = new Uint32Array(wordCount);
  }

  find(address: bigint): number {
    const wordCount = this.#wordCount;
    writeWords(this.#key, 0, wordCount, address);
    let low = 0;
    let high = this.#values.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareWords(wordCount, this.#starts, middle * wordCount, this.#key, 0) <= 0) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? 0 : this.#values[low - 1]!;
  }

  /** The stretches of every number that is asked for. */
  *rangesOf(isAsked: (value: number) => boolean): Generator<Interval> {
    const familyLast = readWords(Uint32Array.of(~0, ~0, ~0, ~0), 0, this.#wordCount);
    for (const [index, value] of this.#values.entries()) {
      if (value === 0 || !isAsked(value)) continue;
      const last = index + 1 === this.#values.length ? familyLast : this.#start(index + 1) - 1n;
      yield { first: this.#start(index), last };
    }
  }

  #start(index: number): bigint {
    return readWords(this.#starts, index * this.#wordCount, this.#wordCount);
  }
}

/** Takes ranges of one family in any order, and lets the innermost decide where they are nested. */
export class RangeTableBuilder {
  readonly #wordCount: WordCount;
  readonly #source: string;
  /** First address, last address, value and line number of each in turn. */
  #words = new Uint32Array(0);
  #count = 0;
  #isSorted = true;
  readonly #warnings: string[] = [];

  constructor(wordCount: WordCount, source: string) {
    this.#wordCount = wordCount;
    this.#source = source;
  }

  /** What {@linkcode build} had to decide by itself, with the lines, for a person. */
  get warnings(): readonly string[] {
    return this.#warnings;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  add(first: bigint, last: bigint, value: number, lineNumber: number): void {
    if (this.#count === RANGE_COUNT_MAX) {
      const limit = formatCount(RANGE_COUNT_MAX);
      throw new TargetError(`Cannot use AS data: there are more than ${limit} ranges in it`, this.#source);
    }
    const wordCount = this.#wordCount;
    const at = this.#count * this.#stride;
    if (at === this.#words.length) {
      const grown = new Uint32Array(Math.max(64 * this.#stride, at * 2));
      grown.set(this.#words);
      this.#words = grown;
    }
    writeWords(this.#words, at, wordCount, first);
    writeWords(this.#words, at + wordCount, wordCount, last);
    this.#words[at + 2 * wordCount] = value;
    this.#words[at + 2 * wordCount + 1] = lineNumber;
    if (this.#count > 0 && this.#compare(at - this.#stride, at) > 0) this.#isSorted = false;
    this.#count += 1;
  }

  /**
   * The table; the builder's memory goes with it. `merge` makes one value of two that the same range has.
   *
   * @throws {TargetError} with the lines of two ranges that overlap without one being in the other, unless that is a
   * rare exception: then the one that starts later is taken for the more specific one.
   */
  build(merge: (left: number, right: number) => number): RangeTable {
    const wordCount = this.#wordCount;
    const words = this.#words;
    const stretches = new Stretches(wordCount);
    /** Where the ranges stand that hold the one at hand, the outermost first. */
    const around: number[] = [];
    const leave = () => {
      const at = around.pop()!;
      const outer = around.at(-1);
      stretches.startAfter(words, at + wordCount, outer === undefined ? 0 : this.#value(outer));
    };
    for (const at of this.#inOrder()) {
      let outer = around.at(-1);
      while (outer !== undefined && compareWords(wordCount, words, outer + wordCount, words, at) < 0) {
        leave();
        outer = around.at(-1);
      }
      while (outer !== undefined && this.#compareLast(outer, at) < 0) {
        this.#noteOverlap(outer, at);
        around.pop();
        outer = around.at(-1);
      }
      if (outer !== undefined && this.#compare(outer, at) === 0) {
        words[outer + 2 * wordCount] = merge(this.#value(outer), this.#value(at));
      } else {
        outer = at;
        around.push(at);
      }
      stretches.start(words, at, this.#value(outer));
    }
    while (around.length > 0) leave();
    this.#words = new Uint32Array(0);
    this.#count = 0;
    return stretches.build();
  }

  get #stride(): number {
    return 2 * this.#wordCount + 2;
  }

  #value(at: number): number {
    return this.#words[at + 2 * this.#wordCount]!;
  }

  /** Where the ranges stand, by their first address, the larger first; what is equal keeps its order. */
  #inOrder(): Uint32Array {
    const order = new Uint32Array(this.#count);
    for (let index = 0; index < order.length; index += 1) order[index] = index * this.#stride;
    return this.#isSorted ? order : order.sort((left, right) => this.#compare(left, right) || left - right);
  }

  #compare(left: number, right: number): number {
    return compareWords(this.#wordCount, this.#words, left, this.#words, right) ||
      -this.#compareLast(left, right);
  }

  #compareLast(left: number, right: number): number {
    const wordCount = this.#wordCount;
    return compareWords(wordCount, this.#words, left + wordCount, this.#words, right + wordCount);
  }

  #noteOverlap(left: number, right: number): void {
    const [earlier, later] = [left, right].map((at) => ({
      lineNumber: this.#words[at + this.#stride - 1]!,
      text: formatInterval({
        first: readWords(this.#words, at, this.#wordCount),
        last: readWords(this.#words, at + this.#wordCount, this.#wordCount),
      }),
    })).sort((a, b) => a.lineNumber - b.lineNumber);
    const source = `${this.#source}:${later!.lineNumber}`;
    const fault = `${later!.text} overlaps ${earlier!.text} of line ${
      earlier!.lineNumber
    }, and neither holds the other`;
    this.#warnings.push(`${source}: ${fault}; the one that starts later counts where both are`);
    if (this.#warnings.length * RANGES_PER_OVERLAP > this.#count) {
      throw new TargetError(`Cannot use AS data: ${fault}; leave one of them out`, source);
    }
  }
}

/** Collects where stretches start, in ascending order. */
class Stretches {
  readonly #wordCount: WordCount;
  #starts: Uint32Array;
  #values = new Uint32Array(64);
  #count = 0;
  readonly #next: Uint32Array;

  constructor(wordCount: WordCount) {
    this.#wordCount = wordCount;
    this.#starts = new Uint32Array(64 * wordCount);
    this.#next = new Uint32Array(wordCount);
  }

  /** What starts where another did takes its place. */
  start(words: Uint32Array, at: number, value: number): void {
    const wordCount = this.#wordCount;
    let index = this.#count;
    if (index > 0 && compareWords(wordCount, this.#starts, (index - 1) * wordCount, words, at) === 0) {
      index -= 1;
    }
    if ((index === 0 ? 0 : this.#values[index - 1]!) === value) {
      this.#count = index;
      return;
    }
    if (index === this.#values.length) this.#grow();
    for (let word = 0; word < wordCount; word += 1) {
      this.#starts[index * wordCount + word] = words[at + word]!;
    }
    this.#values[index] = value;
    this.#count = index + 1;
  }

  /** The same at the address after; nothing stands after the last one. */
  startAfter(words: Uint32Array, at: number, value: number): void {
    for (let word = this.#wordCount - 1, carry = 1; word >= 0; word -= 1) {
      this.#next[word] = words[at + word]! + carry;
      carry = carry === 1 && this.#next[word] === 0 ? 1 : 0;
    }
    if (this.#next.some((word) => word !== 0)) this.start(this.#next, 0, value);
  }

  build(): RangeTable {
    const starts = this.#starts.slice(0, this.#count * this.#wordCount);
    return new RangeTable(this.#wordCount, starts, this.#values.slice(0, this.#count));
  }

  #grow(): void {
    const [starts, values] = [this.#starts, this.#values];
    this.#starts = new Uint32Array(starts.length * 2);
    this.#starts.set(starts);
    this.#values = new Uint32Array(values.length * 2);
    this.#values.set(values);
  }
}

function writeWords(words: Uint32Array, at: number, wordCount: WordCount, address: bigint): void {
  words[at + wordCount - 1] = Number(BigInt.asUintN(32, address));
  for (let word = wordCount - 2; word >= 0; word -= 1) {
    address >>= 32n;
    words[at + word] = Number(BigInt.asUintN(32, address));
  }
}

function readWords(words: Uint32Array, at: number, wordCount: WordCount): bigint {
  if (wordCount === 1) return IPV4_FIRST + BigInt(words[at]!);
  let address = 0n;
  for (let word = 0; word < wordCount; word += 1) address = address << 32n | BigInt(words[at + word]!);
  return address;
}

function compareWords(
  wordCount: WordCount,
  left: Uint32Array,
  leftAt: number,
  right: Uint32Array,
  rightAt: number,
): number {
  for (let word = 0; word < wordCount; word += 1) {
    const difference = left[leftAt + word]! - right[rightAt + word]!;
    if (difference !== 0) return difference;
  }
  return 0;
}
