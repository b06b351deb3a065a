import { Malformed } from "../malformed.ts";
import type { Dialogue, Heard, Step } from "./dialogue.ts";
import { Octets } from "./octets.ts";
import { type Tag, TagReader } from "./tag_reader.ts";

const encoder = new TextEncoder();
const STARTTLS = encoder.encode("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");

/** Where servers talk to servers (RFC 6120, 14.7). */
const SERVER_PORT = 5269;

/** XMPP, as a client or, on port 5269, as another server (RFC 6120, 4 and 5). */
export class XmppDialogue implements Dialogue {
  readonly firstBytes: Uint8Array;
  readonly #tags = new TagReader();
  /** Since the last step. */
  readonly #octets = new Octets();
  #step: Heard["step"] = "greeting";
  #hasStartTls = false;
  /** The name of the error that is being told, and "" before it is known. */
  #error: string | undefined;

  /** `domain`: which of its domains the server is asked for. A server refuses the stream for one it doesn't have. */
  constructor(domain: string, port: number) {
    const content = port === SERVER_PORT ? "jabber:server" : "jabber:client";
    this.firstBytes = encoder.encode(
      `<?xml version='1.0'?><stream:stream to='${escapeMarkup(domain)}' version='1.0' xmlns='${content}' ` +
        `xmlns:stream='http://etherx.jabber.org/streams'>`,
    );
  }

  take(octet: number): Step | Malformed | undefined {
    this.#octets.push(octet);
    const tag = this.#tags.take(octet);
    if (tag === undefined || tag instanceof Malformed) return tag;
    const step = this.#takeTag(tag);
    if (step !== undefined) this.#octets.clear();
    return step;
  }

  #takeTag({ kind, name }: Tag): Step | Malformed | undefined {
    if (this.#error !== undefined) return this.#takeErrorTag(kind, name);
    if (kind === "end" && name === "stream") return this.#refused("the server ended the stream");
    if (kind === "start" && name === "error") {
      this.#error = "";
      return undefined;
    }
    switch (this.#step) {
      case "greeting":
        return this.#takeGreeting(kind, name);
      case "capabilities":
        return this.#takeFeature(kind, name);
      case "answer":
        return this.#takeAnswer(kind, name);
    }
  }

  #takeErrorTag(kind: Tag["kind"], name: string): Step | undefined {
    if (kind === "end" && name === "error") {
      const words = this.#octets.text().replace(/<[^>]*>/g, " ").trim();
      return this.#refused(`stream error ${this.#error} ${words}`);
    }
    // Its first child names it (4.9.2).
    if (this.#error === "") this.#error = name;
    return undefined;
  }

  #takeGreeting(kind: Tag["kind"], name: string): Step | Malformed {
    if (kind !== "start" || name !== "stream") return new Malformed("no XMPP stream");
    const heard = this.#heard();
    this.#step = "capabilities";
    return { heard, next: "listen" };
  }

  #takeFeature(kind: Tag["kind"], name: string): Step | undefined {
    if (kind !== "end" && name === "starttls") this.#hasStartTls = true;
    if (kind === "start" || name !== "features") return undefined;
    if (!this.#hasStartTls) return this.#refused("no starttls among the stream's features");
    const heard = this.#heard();
    this.#step = "answer";
    return { heard, next: "listen", say: STARTTLS };
  }

  #takeAnswer(kind: Tag["kind"], name: string): Step | Malformed | undefined {
    if (name !== "proceed" && name !== "failure") return new Malformed(`<${name}> for an answer to starttls`);
    if (kind === "start") return undefined;
    return name === "proceed" ? { heard: this.#heard(), next: "start" } : this.#refused("starttls failure");
  }

  #refused(refusal: string): Step {
    return { heard: this.#heard(), next: "refused", refusal };
  }

  #heard(): Heard {
    return { step: this.#step, text: this.#octets.text() };
  }
}

function escapeMarkup(text: string): string {
  return text.replace(/[&<>'"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
