/**
 * What was found and is likely to be asked for again soon. Neighbours in history's order ask for the same, so it is
 * simply emptied when it is full.
 */
export class Kept<Key, Value> {
  readonly #values = new Map<Key, Value>();
  readonly #weightMax: number;
  readonly #weightOf: (value: Value) => number;
  #weight = 0;

  /** @param weightOf how much a value counts; without it, all together are as many as `weightMax`. */
  constructor(weightMax: number, weightOf: (value: Value) => number = () => 1) {
    this.#weightMax = weightMax;
    this.#weightOf = weightOf;
  }

  /** The value that is kept, or else found now. */
  get(key: Key, find: () => Value): Value {
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    const value = find();
    if (this.#weight >= this.#weightMax) {
      this.#values.clear();
      this.#weight = 0;
    }
    this.#values.set(key, value);
    this.#weight += this.#weightOf(value);
    return value;
  }
}
