/**
 * Set algebra on the sorted, disjoint intervals of one family that don't touch: the normal form, so equal sets are
 * equal arrays.
 *
 * Every operation leaps over what only one side has (in doubling steps, so a leap costs the logarithm of its length)
 * and copies it whole: fifty blocks taken from ten million addresses cost little more than the copy.
 *
 * @module
 */
import type { IntervalLayout, Words } from "./interval_layout.ts";

/** The addresses of either side. Gives back one of the two where the other is empty. */
export function union<Address extends number | bigint, Array extends Words<Array>>(
  layout: IntervalLayout<Address, Array>,
  left: Array,
  right: Array,
): Array {
  if (left.length === 0) return right;
  if (right.length === 0) return left;
  let front = new Cursor(layout, left);
  let back = new Cursor(layout, right);
  const writer = new IntervalWriter(layout, front.count + back.count);
  while (!front.isEnd && !back.isEnd) {
    if (back.first < front.first) [front, back] = [back, front];
    // What ends two before the other side begins does not even touch it.
    writer.copy(front, front.seek(layout.before(back.first)));
    if (front.isEnd || front.first > layout.after(back.last)) continue;

    const first = front.first < back.first ? front.first : back.first;
    let last = back.last;
    let end = layout.after(last);
    while (true) {
      const next = !front.isEnd && front.first <= end ? front : back;
      if (next.isEnd || next.first > end) break;
      if (next.last > last) last = next.last;
      end = layout.after(last);
      next.index += 1;
    }
    writer.push(first, last);
  }
  writer.copy(front, front.count);
  writer.copy(back, back.count);
  return writer.finish();
}

/** The addresses of both sides. */
export function intersect<Address extends number | bigint, Array extends Words<Array>>(
  layout: IntervalLayout<Address, Array>,
  left: Array,
  right: Array,
): Array {
  if (left.length === 0) return left;
  if (right.length === 0) return right;
  const writer = new IntervalWriter(layout, Math.min(left.length, right.length) / layout.wordCount);
  takeCommon(layout, left, right, writer);
  return writer.finish();
}

/** How many addresses both sides have; builds no array of them. */
export function countCommon<Address extends number | bigint, Array extends Words<Array>>(
  layout: IntervalLayout<Address, Array>,
  left: Array,
  right: Array,
): bigint {
  let count = 0n;
  takeCommon(layout, left, right, {
    push: (first, last) => count += layout.size(first, last),
    copy(cursor, end) {
      count += layout.addressCount(cursor.words, cursor.index, end);
      cursor.index = end;
    },
  });
  return count;
}

function takeCommon<Address extends number | bigint, Array extends Words<Array>>(
  layout: IntervalLayout<Address, Array>,
  left: Array,
  right: Array,
  taker: Pick<IntervalWriter<Address, Array>, "push" | "copy">,
): void {
  let front = new Cursor(layout, left);
  let back = new Cursor(layout, right);
  while (!front.isEnd && !back.isEnd) {
    if (back.first < front.first) [front, back] = [back, front];
    front.index = front.seek(back.first);
    if (front.isEnd || front.first > back.last) continue;
    const first = front.first > back.first ? front.first : back.first;
    const [inner, outer] = front.last < back.last ? [front, back] : [back, front];
    taker.push(first, inner.last);
    inner.index += 1;
    // What begins behind that and ends before the outer interval does lies wholly in it.
    taker.copy(inner, inner.seek(outer.last));
  }
}

/** The addresses of `from` that are not in `taken`. */
export function subtract<Address extends number | bigint, Array extends Words<Array>>(
  layout: IntervalLayout<Address, Array>,
  from: Array,
  taken: Array,
): Array {
  const kept = new Cursor(layout, from);
  const cut = new Cursor(layout, taken);
  if (kept.isEnd || cut.isEnd) return from;
  const writer = new IntervalWriter(layout, kept.count);
  while (!kept.isEnd) {
    let first = kept.first;
    cut.index = cut.seek(first);
    if (cut.isEnd) break;
    const untouched = kept.seek(cut.first);
    if (untouched > kept.index) {
      writer.copy(kept, untouched);
      continue;
    }

    const last = kept.last;
    for (; first <= last && !cut.isEnd && cut.first <= last; cut.index += 1) {
      if (cut.first > first) writer.push(first, layout.before(cut.first));
      first = layout.after(cut.last);
      // A cut that reaches further takes from the next interval too.
      if (first > last) break;
    }
    if (first <= last) writer.push(first, last);
    kept.index += 1;
  }
  writer.copy(kept, kept.count);
  return writer.finish();
}

/** Whether an interval holds `address`. */
export function contains<Address extends number | bigint, Array extends Words<Array>>(
  layout: IntervalLayout<Address, Array>,
  words: Array,
  address: Address,
): boolean {
  const cursor = new Cursor(layout, words);
  cursor.index = cursor.seek(address);
  return !cursor.isEnd && cursor.first <= address;
}

/** Stands at one interval of many. */
class Cursor<Address extends number | bigint, Array extends Words<Array>> {
  readonly words: Array;
  readonly count: number;
  index = 0;
  readonly #layout: IntervalLayout<Address, Array>;

  constructor(layout: IntervalLayout<Address, Array>, words: Array) {
    this.#layout = layout;
    this.words = words;
    this.count = words.length / layout.wordCount;
  }

  get isEnd(): boolean {
    return this.index === this.count;
  }

  get first(): Address {
    return this.#layout.first(this.words, this.index);
  }

  get last(): Address {
    return this.#layout.last(this.words, this.index);
  }

  /** Where the first interval from here on stands that does not end before `address`. */
  seek(address: Address): number {
    let low = this.index;
    let step = 1;
    while (low + step <= this.count && this.#layout.last(this.words, low + step - 1) < address) {
      low += step;
      step *= 2;
    }
    let high = Math.min(low + step - 1, this.count);
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#layout.last(this.words, middle) < address) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Takes intervals in order, none of which may touch the one before it. */
class IntervalWriter<Address extends number | bigint, Array extends Words<Array>> {
  readonly #layout: IntervalLayout<Address, Array>;
  #words: Array;
  #capacity: number;
  #count = 0;

  /** `capacity` in intervals is where it starts; it grows. */
  constructor(layout: IntervalLayout<Address, Array>, capacity: number) {
    this.#layout = layout;
    this.#capacity = capacity;
    this.#words = layout.create(capacity);
  }

  push(first: Address, last: Address): void {
    this.#reserve(1);
    this.#layout.write(this.#words, this.#count, first, last);
    this.#count += 1;
  }

  /** Takes what stands from `cursor` up to the interval `end`, and moves the cursor there. */
  copy(cursor: Cursor<Address, Array>, end: number): void {
    const { wordCount } = this.#layout;
    const count = end - cursor.index;
    this.#reserve(count);
    this.#words.set(
      cursor.words.subarray(cursor.index * wordCount, end * wordCount),
      this.#count * wordCount,
    );
    this.#count += count;
    cursor.index = end;
  }

  /** What was written. Room that was not needed is given back where it is worth a copy. */
  finish(): Array {
    const end = this.#count * this.#layout.wordCount;
    return this.#count < this.#capacity / 2 ? this.#words.slice(0, end) : this.#words.subarray(0, end);
  }

  #reserve(count: number): void {
    if (this.#count + count <= this.#capacity) return;
    this.#capacity = Math.max(this.#count + count, this.#capacity * 2);
    const grown = this.#layout.create(this.#capacity);
    grown.set(this.#words.subarray(0, this.#count * this.#layout.wordCount));
    this.#words = grown;
  }
}
