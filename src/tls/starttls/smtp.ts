import { Malformed } from "../malformed.ts";
import { type Dialogue, line, NOTHING, type Step } from "./dialogue.ts";
import { ReplyReader } from "./reply_reader.ts";

const STARTTLS = line("STARTTLS");

/**
 * SMTP (RFC 5321; RFC 3207). TLS is asked for whether or not the answer to EHLO lists it: there are boxes on the
 * way that strike it from the list, and the server's own refusal says more than its silence.
 */
export class SmtpDialogue implements Dialogue {
  readonly firstBytes = NOTHING;
  readonly #replies = new ReplyReader();
  readonly #hello: Uint8Array;
  #step: "greeting" | "capabilities" | "answer" = "greeting";

  /** `clientName`: what this side says it is called. */
  constructor(clientName: string) {
    this.#hello = line(`EHLO ${clientName}`);
  }

  take(octet: number): Step | Malformed | undefined {
    const reply = this.#replies.take(octet);
    if (reply === undefined || reply instanceof Malformed) return reply;
    const heard = { step: this.#step, text: reply.text };
    if (this.#step === "greeting" && reply.code === 220) {
      this.#step = "capabilities";
      return { heard, next: "listen", say: this.#hello };
    }
    if (this.#step === "capabilities" && reply.code === 250) {
      this.#step = "answer";
      return { heard, next: "listen", say: STARTTLS };
    }
    if (this.#step === "answer" && reply.code === 220) return { heard, next: "start" };
    return { heard, next: "refused", refusal: reply.text };
  }
}
