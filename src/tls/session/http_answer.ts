/**
 * What a server answers to the one HTTP request of a session.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { Malformed } from "../malformed.ts";
import { framingOf, type HttpFraming } from "./http_framing.ts";
import { type HttpHead, type HttpHeader, HttpHeadReader } from "./http_head.ts";

/** An answer as far as it came. Text is the server's octets, read as Latin-1. */
export interface HttpAnswer {
  /** As `HTTP/1.1`. This and all the rest is there once a whole head was. */
  readonly protocol?: string | undefined;
  readonly status?: number | undefined;
  /** What the server says of the status, for people; often empty. */
  readonly statusText?: string | undefined;
  /** In the order they came, repeated ones too, named as the server does. */
  readonly headers: readonly HttpHeader[];
  /** Free of chunks, else as the server encoded it, up to the limit. */
  readonly body: Uint8Array;
  /** SHA-256 of {@linkcode HttpAnswer.body}, in hexadecimal; absent where that is empty. */
  readonly bodySha256?: string | undefined;
  /** The body goes on beyond what is kept here. */
  readonly isTruncated: boolean;
  /** Why the answer is not whole, where the limit is not the cause. */
  readonly error?: string | undefined;
}

/** Octets that may stand around the content of a body: one chunk of one octet takes five. */
const FRAMING_BYTES_MAX = 65_536;

/** Reads one answer, however its octets are cut. Total and bounded. */
export class HttpAnswerReader {
  readonly #headReader = new HttpHeadReader();
  #head: HttpHead | undefined;
  #framing: HttpFraming | undefined;
  #framingBytes = 0;
  readonly #body: Uint8Array;
  #bodyBytes = 0;
  #isTruncated = false;
  #error: string | undefined;
  #isOver = false;

  /** @param bodyBytesMax octets of the body to keep. */
  constructor(bodyBytesMax: number) {
    this.#body = new Uint8Array(bodyBytesMax);
  }

  /** Takes the next octets, of which nothing is kept; true once nothing more is wanted. */
  feed(bytes: Uint8Array): boolean {
    for (let index = 0; index < bytes.length && !this.#isOver; index++) {
      if (this.#framing === undefined) this.#takeHead(bytes[index]!);
      else this.#takeBody(this.#framing, bytes[index]!);
    }
    return this.#isOver;
  }

  /** Nothing more comes: with `reason` where that is no orderly end of the connection. */
  end(reason?: string): void {
    if (this.#isOver || (reason === undefined && this.#framing?.endsWithConnection === true)) return;
    this.#fail(reason ?? `the server closed within the ${this.#head === undefined ? "head" : "body"}`);
  }

  answer(): HttpAnswer {
    const body = this.#body.slice(0, this.#bodyBytes);
    return {
      headers: [],
      ...this.#head,
      body,
      bodySha256: body.length === 0 ? undefined : createHash("sha256").update(body).digest("hex"),
      isTruncated: this.#isTruncated,
      error: this.#error,
    };
  }

  #takeHead(octet: number): void {
    const head = this.#headReader.take(octet);
    if (head === undefined) return;
    if (head instanceof Malformed) return this.#fail(head.reason);
    this.#head = head;
    const framing = framingOf(head);
    if (framing instanceof Malformed) return this.#fail(framing.reason);
    this.#framing = framing;
    this.#isOver = framing.isComplete;
  }

  #takeBody(framing: HttpFraming, octet: number): void {
    const isContent = framing.take(octet);
    if (isContent instanceof Malformed) return this.#fail(isContent.reason);
    if (isContent) this.#keep(octet);
    else if (++this.#framingBytes > FRAMING_BYTES_MAX) this.#fail("the chunks are mostly framing");
    this.#isOver ||= framing.isComplete;
  }

  #keep(octet: number): void {
    if (this.#bodyBytes < this.#body.length) {
      this.#body[this.#bodyBytes++] = octet;
    } else {
      this.#isTruncated = true;
      this.#isOver = true;
    }
  }

  #fail(reason: string): void {
    this.#error = reason;
    this.#isOver = true;
  }
}
