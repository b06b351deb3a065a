/** Values by key, of which the ones used last are kept. */
export class BoundedCache<Value> {
  readonly #sizeMax: number;
  /** The one used last is last: a map keeps the order in which keys were set. */
  readonly #values = new Map<string, Value>();

  constructor(sizeMax: number) {
    this.#sizeMax = sizeMax;
  }

  /** The value of a key, made by `make` if it isn't kept. */
  get(key: string, make: () => Value): Value {
    const kept = this.#values.get(key);
    const value = kept ?? make();
    if (kept !== undefined) this.#values.delete(key);
    this.#values.set(key, value);
    if (this.#values.size > this.#sizeMax) this.#values.delete(this.#values.keys().next().value!);
    return value;
  }
}
