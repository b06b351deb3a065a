import type { CaptureFindings } from "../capture.ts";
import { type Exchange, PREFIX_BYTES_MAX } from "../exchange.ts";
import { Malformed } from "../malformed.ts";
import { type Dialogue, type Heard, NOTHING, PRELUDE_BYTES_MAX, type Step } from "./dialogue.ts";
import { oneLine } from "./one_line.ts";

/** Messages that are kept: no protocol here needs more than four. */
const MESSAGES_MAX = 8;

/** How a prelude ended. */
export type PreludeOutcome =
  /** The server waits for a ClientHello. */
  | "started"
  /** The server doesn't go over to TLS. */
  | "starttls_refused"
  /** Already its first message is none of the protocol that is to come before TLS. */
  | "not_tls"
  /** A later message breaks that protocol's rules. */
  | "malformed"
  /** The server said more than 65,536 octets without deciding anything. */
  | "oversize";

/**
 * What is said in clear before TLS, as an exchange of its own: over once the server has decided. Then either TLS
 * begins on the same connection, or there is nothing more to say.
 */
export class StartTlsPrelude implements Exchange {
  readonly missing = 1;
  /** What the server said, in its order. */
  readonly transcript: readonly Heard[];
  /** Set once the prelude is over; later octets are ignored. */
  outcome: PreludeOutcome | undefined;
  /** With every outcome but `started`: what was found, on one line that is fit for a terminal. */
  reason: string | undefined;
  /** With `not_tls`: how the server's octets begin, up to 64 of what had arrived. */
  prefix: Uint8Array | undefined;
  /**
   * With `started`: octets that came with the go-ahead, right behind it. No server has anything to say there: they
   * were put in on the way, or by a server that is open to that (CVE-2011-0411). They are TLS's to read. What follows
   * in a later piece isn't told apart from the answer to a ClientHello, so this depends on how the octets were cut.
   */
  remainder: Uint8Array = NOTHING;

  readonly #dialogue: Dialogue;
  readonly #name: string;
  readonly #transcript: Heard[] = [];
  readonly #prefix = new Uint8Array(PREFIX_BYTES_MAX);
  #received = 0;
  #reply: Uint8Array | undefined;

  /** `name`: the protocol's, for reasons. */
  constructor(dialogue: Dialogue, name: string) {
    this.#dialogue = dialogue;
    this.#name = name;
    this.transcript = this.#transcript;
  }

  get firstBytes(): Uint8Array {
    return this.#dialogue.firstBytes;
  }

  /** What a capture has found out when it came no further than this. */
  get findings(): CaptureFindings {
    const outcome = this.outcome === "started" ? undefined : this.outcome;
    return { outcome, reason: this.reason, prefix: this.prefix, chain: [] };
  }

  feed(bytes: Uint8Array): boolean {
    for (let index = 0; index < bytes.length && this.outcome === undefined; index++) {
      this.#take(bytes[index]!);
      if (this.outcome === "started") this.remainder = bytes.slice(index + 1);
      else if (this.outcome === "not_tls") this.#keepPrefix(bytes.subarray(index + 1));
    }
    return this.outcome !== undefined;
  }

  takeReply(): Uint8Array | undefined {
    const reply = this.#reply;
    this.#reply = undefined;
    return reply;
  }

  #take(octet: number): void {
    if (this.#received < PREFIX_BYTES_MAX) this.#prefix[this.#received] = octet;
    this.#received++;
    const step = this.#dialogue.take(octet);
    if (step !== undefined) this.#takeStep(step);
    if (this.outcome === undefined && this.#received === PRELUDE_BYTES_MAX) {
      this.#settle("oversize", `${PRELUDE_BYTES_MAX} octets of ${this.#name} and no decision`);
    }
  }

  #takeStep(step: Step | Malformed): void {
    if (step instanceof Malformed) {
      const hasSpoken = this.#transcript.length > 0;
      return this.#settle(hasSpoken ? "malformed" : "not_tls", `no ${this.#name}: ${step.reason}`);
    }
    if (this.#transcript.length < MESSAGES_MAX) this.#transcript.push(step.heard);
    if (step.next === "refused") return this.#settle("starttls_refused", step.refusal);
    if (step.say !== undefined) this.#say(step.say);
    if (step.next === "start") this.#settle("started");
  }

  /** A server that answers before it is asked gets several answers at once. */
  #say(bytes: Uint8Array): void {
    this.#reply = this.#reply === undefined ? bytes : Uint8Array.of(...this.#reply, ...bytes);
  }

  #settle(outcome: PreludeOutcome, reason?: string): void {
    this.outcome = outcome;
    this.reason = reason === undefined ? undefined : oneLine(reason);
  }

  #keepPrefix(rest: Uint8Array): void {
    const room = Math.max(0, PREFIX_BYTES_MAX - this.#received);
    this.prefix = Uint8Array.of(...this.#prefix.subarray(0, this.#received), ...rest.subarray(0, room));
  }
}
