import { Malformed } from "../malformed.ts";
import { Octets } from "./octets.ts";

/** A reply of SMTP's or FTP's. */
export interface Reply {
  /** 0 to 999. */
  readonly code: number;
  /** All lines as sent. */
  readonly text: string;
}

const CODE_LENGTH = 3;
const [LINE_FEED, CARRIAGE_RETURN, SPACE, HYPHEN] = [0x0a, 0x0d, 0x20, 0x2d];

/**
 * Reads replies (RFC 5321, 4.2; RFC 959, 4.2): three digits, then a space and the last line, or a hyphen and more
 * lines. FTP's lines in between may hold anything, so only the first line's code without a hyphen ends a reply. A
 * line feed alone ends a line, too.
 */
export class ReplyReader {
  readonly #octets = new Octets();
  #lineStart = 0;

  /** A reply when `octet` completes it, {@linkcode Malformed} when none begins like this. */
  take(octet: number): Reply | Malformed | undefined {
    const position = this.#octets.length;
    this.#octets.push(octet);
    const fits = position < CODE_LENGTH
      ? isDigit(octet)
      : position > CODE_LENGTH || octet === HYPHEN || endsCode(octet);
    if (!fits) return new Malformed("no reply code");
    if (octet !== LINE_FEED) return undefined;
    const isLast = this.#isLastLine();
    this.#lineStart = this.#octets.length;
    if (!isLast) return undefined;
    const text = this.#octets.text();
    this.#octets.clear();
    this.#lineStart = 0;
    return { code: Number(text.slice(0, CODE_LENGTH)), text };
  }

  #isLastLine(): boolean {
    const reply = this.#octets.view;
    const line = reply.subarray(this.#lineStart);
    for (let index = 0; index < CODE_LENGTH; index++) {
      if (line[index] !== reply[index]) return false;
    }
    return endsCode(line[CODE_LENGTH]!);
  }
}

function isDigit(octet: number): boolean {
  return octet >= 0x30 && octet <= 0x39;
}

/** Whether the line is a reply's last, by what stands behind its code. */
function endsCode(octet: number): boolean {
  return octet === SPACE || octet === CARRIAGE_RETURN || octet === LINE_FEED;
}
