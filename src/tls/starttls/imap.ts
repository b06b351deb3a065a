import { Malformed } from "../malformed.ts";
import { type Dialogue, line, NOTHING, type Step } from "./dialogue.ts";
import { LineReader } from "./line_reader.ts";

const STARTTLS = line("m1 STARTTLS");

/** IMAP (RFC 9051, 6.2.1, 7.1; RFC 2595, 3). */
export class ImapDialogue implements Dialogue {
  readonly firstBytes = NOTHING;
  readonly #lines = new LineReader("*m");
  #hasAsked = false;

  take(octet: number): Step | Malformed | undefined {
    const text = this.#lines.take(octet);
    if (text === undefined || text instanceof Malformed) return text;
    return this.#hasAsked ? this.#answered(text) : this.#greeted(text);
  }

  #greeted(text: string): Step | Malformed {
    const heard = { step: "greeting", text } as const;
    if (/^\* OK\b/i.test(text)) {
      this.#hasAsked = true;
      return { heard, next: "listen", say: STARTTLS };
    }
    // Who is logged in already may not ask for TLS any more.
    if (/^\* (BYE|PREAUTH)\b/i.test(text)) return { heard, next: "refused", refusal: text };
    return new Malformed("no IMAP greeting");
  }

  #answered(text: string): Step | Malformed | undefined {
    const heard = { step: "answer", text } as const;
    if (/^m1 OK\b/i.test(text)) return { heard, next: "start" };
    if (/^(m1 (NO|BAD)|\* BYE)\b/i.test(text)) return { heard, next: "refused", refusal: text };
    // Servers may tell of anything else at any time.
    return text.startsWith("* ") ? undefined : new Malformed("an answer to another command");
  }
}
