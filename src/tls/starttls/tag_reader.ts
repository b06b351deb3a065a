import { Malformed } from "../malformed.ts";

/** A tag of an XML stream. */
export interface Tag {
  readonly kind: "start" | "end" | "empty";
  /** Its name without a namespace prefix. */
  readonly name: string;
}

const [TAB, LINE_FEED, CARRIAGE_RETURN, SPACE] = [0x09, 0x0a, 0x0d, 0x20];
const [EXCLAMATION, QUOTE, APOSTROPHE, SLASH] = [0x21, 0x22, 0x27, 0x2f];
const [LESS, GREATER, QUESTION] = [0x3c, 0x3e, 0x3f];

/** Characters of a name that are kept: more than any name in XMPP has. */
const NAME_LENGTH_MAX = 64;

/**
 * Reads the tags of an XML stream and nothing between them. Comments, sections and type declarations, which XMPP
 * forbids (RFC 6120, 11.1), are malformed; processing instructions, of which it forbids all but one, are passed over.
 */
export class TagReader {
  #isInside = false;
  #hasTag = false;
  #quote = 0;
  #first = 0;
  #last = 0;
  #name = "";
  #isNameOver = false;

  /** A tag when `octet` completes it, {@linkcode Malformed} when no stream goes on with it. */
  take(octet: number): Tag | Malformed | undefined {
    if (!this.#isInside) return this.#takeOutside(octet);
    if (this.#quote !== 0) {
      if (octet === this.#quote) this.#quote = 0;
      return undefined;
    }
    if (octet === GREATER) return this.#finish();
    if (octet === EXCLAMATION && this.#first === 0) return new Malformed("a comment or a declaration");
    if (octet === LESS) return new Malformed("a tag inside a tag");
    if (octet === QUOTE || octet === APOSTROPHE) this.#quote = octet;
    if (this.#first === 0) this.#first = octet;
    this.#last = octet;
    this.#takeName(octet);
    return undefined;
  }

  #takeOutside(octet: number): Malformed | undefined {
    if (octet === LESS) {
      this.#isInside = true;
      this.#hasTag = true;
      this.#first = 0;
      this.#last = 0;
      this.#name = "";
      this.#isNameOver = false;
      return undefined;
    }
    return this.#hasTag || isSpace(octet) ? undefined : new Malformed("no tag");
  }

  #takeName(octet: number): void {
    if (this.#isNameOver) return;
    if (isSpace(octet) || octet === SLASH && this.#name !== "") this.#isNameOver = true;
    else if (octet !== SLASH && this.#name.length < NAME_LENGTH_MAX) this.#name += String.fromCharCode(octet);
  }

  #finish(): Tag | undefined {
    this.#isInside = false;
    if (this.#first === QUESTION) return undefined;
    const kind = this.#first === SLASH ? "end" : this.#last === SLASH ? "empty" : "start";
    return { kind, name: this.#name.slice(this.#name.indexOf(":") + 1) };
  }
}

function isSpace(octet: number): boolean {
  return octet === SPACE || octet === TAB || octet === LINE_FEED || octet === CARRIAGE_RETURN;
}
