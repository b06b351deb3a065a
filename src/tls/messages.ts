/**
 * Handshake messages (RFC 5246, 7.4), put together from the payloads of handshake records: several may share
 * one record, and one may lie over several.
 *
 * @module
 */

import { HANDSHAKE_HEADER_BYTES, HandshakeType } from "./constants.ts";
import { takeOctets } from "./octet_pool.ts";

/**
 * Octets set aside on a message's mere claim of its length; beyond them the buffer grows with what really
 * came.
 */
const CLAIM_BYTES_MAX = 16_384;

/** Messages that a capture reads. */
const KEPT_TYPES: ReadonlySet<number> = new Set([
  HandshakeType.SERVER_HELLO,
  HandshakeType.ENCRYPTED_EXTENSIONS,
  HandshakeType.CERTIFICATE,
]);

const NOTHING = new Uint8Array(0);

export interface HandshakeMessage {
  readonly type: number;
  /** Octets of the body, as the header claims. */
  readonly length: number;
  /**
   * The whole body, a copy, for ServerHello, EncryptedExtensions and Certificate; empty for every other type.
   */
  readonly body: Uint8Array;
}

/**
 * Keeps only what a capture reads. A message of a type that is not kept is handed out as soon as its header
 * is there; its body is then passed over.
 */
export class MessageReader {
  /** Loop turns so far, for tests that bound the work by the input's length. */
  steps = 0;

  #input: Uint8Array = NOTHING;
  #offset = 0;
  #end = 0;
  #headerLength = 0;
  #type = 0;
  #length = 0;
  #body: Uint8Array = NOTHING;
  #bodyLength = 0;
  #skipLength = 0;

  /** Octets that the message under way still needs at least, 1 or more. */
  get missing(): number {
    const header = HANDSHAKE_HEADER_BYTES - this.#headerLength;
    return this.#skipLength + (header > 0 ? header : this.#length - this.#bodyLength);
  }

  /** Whether it is between two messages, and nothing is left of the input. */
  get isAtRest(): boolean {
    return this.#headerLength + this.#skipLength === 0 && this.#offset === this.#end;
  }

  /**
   * Takes the next piece of a handshake record's payload: what stands from `start` to `end`, copied by `next` where it
   * must last.
   */
  push(octets: Uint8Array, start: number, end: number): void {
    this.#input = octets;
    this.#offset = start;
    this.#end = end;
  }

  /** The next message, or nothing when the input is used up. */
  next(): HandshakeMessage | undefined {
    if (!this.#skipBody()) return undefined;
    while (this.#headerLength < HANDSHAKE_HEADER_BYTES) {
      if (this.#offset === this.#end) return undefined;
      this.#readHeaderOctet();
    }
    this.steps++;
    if (!KEPT_TYPES.has(this.#type)) this.#skipLength = this.#length;
    else if (!this.#readBody()) return undefined;
    const message = { type: this.#type, length: this.#length, body: this.#body };
    this.#headerLength = 0;
    this.#body = NOTHING;
    this.#bodyLength = 0;
    return message;
  }

  /** Whether the body of a message that is not kept is behind. */
  #skipBody(): boolean {
    const skipped = Math.min(this.#skipLength, this.#end - this.#offset);
    this.#offset += skipped;
    this.#skipLength -= skipped;
    return this.#skipLength === 0;
  }

  #readHeaderOctet(): void {
    this.steps++;
    const octet = this.#input[this.#offset++]!;
    if (this.#headerLength++ === 0) {
      this.#type = octet;
      this.#length = 0;
    } else {
      this.#length = this.#length << 8 | octet;
    }
  }

  /** Whether the body is complete after what this input has of it. */
  #readBody(): boolean {
    const end = Math.min(this.#offset + this.#length - this.#bodyLength, this.#end);
    const piece = this.#input.subarray(this.#offset, end);
    this.#reserve(this.#bodyLength + piece.length);
    this.#body.set(piece, this.#bodyLength);
    this.#bodyLength += piece.length;
    this.#offset = end;
    return this.#bodyLength === this.#length;
  }

  #reserve(size: number): void {
    if (size <= this.#body.length && this.#body.length > 0) return;
    const body = takeOctets(
      Math.min(this.#length, Math.max(CLAIM_BYTES_MAX, 2 * this.#body.length, size)),
    );
    body.set(this.#body);
    this.#body = body;
  }
}
