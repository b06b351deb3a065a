import { Malformed } from "../malformed.ts";
import { Octets } from "./octets.ts";

const LINE_FEED = 0x0a;

/** Reads lines that begin with one of a few characters. */
export class LineReader {
  readonly #octets = new Octets();
  readonly #firstCharacters: string;

  constructor(firstCharacters: string) {
    this.#firstCharacters = firstCharacters;
  }

  /** A line with its end when `octet` completes it, {@linkcode Malformed} when none begins with it. */
  take(octet: number): string | Malformed | undefined {
    if (this.#octets.length === 0 && !this.#firstCharacters.includes(String.fromCharCode(octet))) {
      return new Malformed(`no line that begins with one of ${this.#firstCharacters}`);
    }
    this.#octets.push(octet);
    if (octet !== LINE_FEED) return undefined;
    const text = this.#octets.text();
    this.#octets.clear();
    return text;
  }
}
