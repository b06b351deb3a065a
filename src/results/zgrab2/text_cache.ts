/** Texts by key, of which the ones used last are kept, up to a limit on their length in all. */
export class TextCache {
  readonly #charactersMax: number;
  /** The one used last is last: a map keeps the order in which keys were set. */
  readonly #texts = new Map<string, string>();
  #characters = 0;

  constructor(charactersMax: number) {
    this.#charactersMax = charactersMax;
  }

  /** The text of a key, made by `make` if it isn't kept. */
  get(key: string, make: () => string): string {
    const kept = this.#texts.get(key);
    const text = kept ?? make();
    if (kept !== undefined) this.#texts.delete(key);
    else this.#characters += text.length;
    this.#texts.set(key, text);
    this.#forget();
    return text;
  }

  #forget(): void {
    for (const [key, text] of this.#texts) {
      if (this.#characters <= this.#charactersMax) return;
      this.#texts.delete(key);
      this.#characters -= text.length;
    }
  }
}
