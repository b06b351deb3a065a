import { TargetError } from "../target_error.ts";

/** An autonomous system (RFC 1930, 3). */
export interface AutonomousSystem {
  /** From 1 to 4294967295 (RFC 6793). */
  readonly number: number;
  /** As the data has it, which strangers wrote. */
  readonly name?: string | undefined;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const NUMBER_MAX = 0xffff_ffff;

/** AS whose lines for one prefix are put together. Real ones have a few, and each line more makes a list of its own. */
const MERGED_COUNT_MAX = 64;

/** What data says of addresses that nobody announces. AS 0 is no AS (RFC 7607). */
const NO_SYSTEM = /^(?:0|-|none|null|n\/?a|not routed|)$/i;

/**
 * Reads one AS number or several: `64500`, `AS64500`, `1_2` for a prefix with several origins, `{1,2}` or `1,2` for
 * an AS set (RFC 4271, 4.3), `1_2,3` for both. Each once, in their order; empty where the text says that there is none,
 * `undefined` where it is something else.
 */
export function parseAsNumbers(text: string): number[] | undefined {
  // Nearly every line of a table of hundreds of thousands.
  if (/^[1-9]\d{0,8}$/.test(text)) return [Number(text)];
  if (NO_SYSTEM.test(text)) return [];
  const numbers = new Set<number>();
  for (const part of text.replaceAll(/[{}]/g, "").split(/[_,]/)) {
    const digits = /^(?:AS)?(\d{1,10})$/i.exec(part)?.[1];
    const number = Number(digits);
    if (digits === undefined || number > NUMBER_MAX) return undefined;
    if (number !== 0) numbers.add(number);
  }
  return [...numbers];
}

/** Numbers the sets of AS that announce something, so that a range needs one word for them; 0 is no AS. */
export class OriginTable {
  readonly #source: string;
  readonly #origins: (readonly number[])[] = [[]];
  readonly #indexes = new Map<string, number>([["", 0]]);
  /** Nearly all origins are one AS, by whose number they are found faster. */
  readonly #singles = new Map<number, number>();
  readonly #names = new Map<number, string>();

  /** `source` is how messages call the file. */
  constructor(source: string) {
    this.#source = source;
  }

  /** The first name that an AS is given stays. */
  indexOf(numbers: readonly number[], name: string | undefined): number {
    const [first] = numbers;
    if (numbers.length !== 1 || first === undefined) return this.#add(this.#indexes, numbers.join(), numbers);
    if (name !== undefined && !this.#names.has(first)) this.#names.set(first, copy(name));
    return this.#add(this.#singles, first, numbers);
  }

  #add<Key>(indexes: Map<Key, number>, key: Key, numbers: readonly number[]): number {
    let index = indexes.get(key);
    if (index === undefined) {
      index = this.#origins.push(numbers) - 1;
      indexes.set(key, index);
    }
    return index;
  }

  /**
   * The origin that has the AS of both.
   *
   * @throws {TargetError} where they are more than anything real has.
   */
  merge(left: number, right: number): number {
    if (left === right) return left;
    const numbers = [...new Set([...this.#origins[left]!, ...this.#origins[right]!])];
    if (numbers.length > MERGED_COUNT_MAX) {
      throw new TargetError(
        `Cannot use AS data: more than ${MERGED_COUNT_MAX} AS have the same prefix; leave some of them out`,
        this.#source,
      );
    }
    return this.indexOf(numbers, undefined);
  }

  /** The AS of each index. */
  build(): (readonly AutonomousSystem[])[] {
    const systems = new Map<number, AutonomousSystem>();
    for (const number of this.#origins.flat()) {
      const name = this.#names.get(number);
      systems.set(number, name === undefined ? { number } : { number, name });
    }
    return this.#origins.map((numbers) => numbers.map((number) => systems.get(number)!));
  }
}

/** A string of its own: what is cut out of a string keeps all of that in memory. */
function copy(text: string): string {
  return decoder.decode(encoder.encode(text));
}
