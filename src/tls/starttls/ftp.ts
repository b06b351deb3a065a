import { Malformed } from "../malformed.ts";
import { type Dialogue, line, NOTHING, type Step } from "./dialogue.ts";
import { ReplyReader } from "./reply_reader.ts";

const AUTH_TLS = line("AUTH TLS");
const AUTH_SSL = line("AUTH SSL");

/** RFC 2228, 5.1 */
const SECURITY_EXCHANGE_COMPLETE = 234;
/** How old servers answer AUTH SSL, though no data follows. */
const SECURITY_DATA_NEEDED = 334;
const MECHANISM_UNKNOWN = 504;

/** FTP (RFC 959; RFC 4217). Servers older than RFC 4217 know TLS by the mechanism's draft name, SSL. */
export class FtpDialogue implements Dialogue {
  readonly firstBytes = NOTHING;
  readonly #replies = new ReplyReader();
  #asked: "TLS" | "SSL" | undefined;

  take(octet: number): Step | Malformed | undefined {
    const reply = this.#replies.take(octet);
    if (reply === undefined || reply instanceof Malformed) return reply;
    return this.#asked === undefined
      ? this.#greeted(reply.code, reply.text)
      : this.#answered(reply.code, reply.text);
  }

  #greeted(code: number, text: string): Step {
    const heard = { step: "greeting", text } as const;
    // Ready in some minutes: the greeting is still to come.
    if (code < 200) return { heard, next: "listen" };
    if (code >= 300) return { heard, next: "refused", refusal: text };
    this.#asked = "TLS";
    return { heard, next: "listen", say: AUTH_TLS };
  }

  #answered(code: number, text: string): Step {
    const heard = { step: "answer", text } as const;
    if (code === SECURITY_EXCHANGE_COMPLETE) return { heard, next: "start" };
    if (code === SECURITY_DATA_NEEDED && this.#asked === "SSL") return { heard, next: "start" };
    if (code !== MECHANISM_UNKNOWN || this.#asked === "SSL") return { heard, next: "refused", refusal: text };
    this.#asked = "SSL";
    return { heard, next: "listen", say: AUTH_SSL };
  }
}
