import { Malformed } from "../malformed.ts";
import { type Dialogue, line, NOTHING, type Step } from "./dialogue.ts";
import { LineReader } from "./line_reader.ts";

const STLS = line("STLS");

/** POP3 (RFC 1939; RFC 2595, 4). */
export class Pop3Dialogue implements Dialogue {
  readonly firstBytes = NOTHING;
  readonly #lines = new LineReader("+-");
  #hasAsked = false;

  take(octet: number): Step | Malformed | undefined {
    const text = this.#lines.take(octet);
    if (text === undefined || text instanceof Malformed) return text;
    const heard = { step: this.#hasAsked ? "answer" : "greeting", text } as const;
    if (/^-ERR\b/i.test(text)) return { heard, next: "refused", refusal: text };
    if (!/^\+OK\b/i.test(text)) return new Malformed("neither +OK nor -ERR");
    if (this.#hasAsked) return { heard, next: "start" };
    this.#hasAsked = true;
    return { heard, next: "listen", say: STLS };
  }
}
