/**
 * The TLS record layer (RFC 5246, 6.2.1; RFC 8446, 5.1), read: takes octets as they come off the connection and
 * hands out what the records carry, however the two are cut.
 *
 * @module
 */

import { ContentType, RECORD_HEADER_BYTES, RECORD_PAYLOAD_BYTES_MAX, Version } from "./constants.ts";
import { PREFIX_BYTES_MAX } from "./exchange.ts";
import { hexadecimal } from "./hexadecimal.ts";
import { takeOctets } from "./octet_pool.ts";
import { uint16At } from "./octets.ts";
import { Span } from "./span.ts";

const NOTHING = new Uint8Array(0);

/** Why no further record can be read. */
export interface RecordFault {
  /** `not_tls` when already the first record's type or version is none of TLS, else `malformed`. */
  readonly kind: "not_tls" | "malformed";
  readonly reason: string;
  /** With `not_tls`: how the stream begins, up to 64 octets, as far as it had arrived. */
  readonly prefix?: Uint8Array;
}

/**
 * Reads records without keeping them: a payload is handed out in pieces as it arrives, as stretches of what was
 * pushed. Total: any input ends in pieces or in one fault. Call `next` until it gives nothing, then look at
 * `fault`.
 */
export class RecordReader {
  /** Content type of the record that the last piece belongs to. */
  contentType = 0;
  /** Set once the stream is broken; nothing is read after it. */
  fault: RecordFault | undefined;
  /** Octets a record may carry; more of them where records are encrypted. */
  payloadBytesMax = RECORD_PAYLOAD_BYTES_MAX;
  /** Octets read so far, headers included. */
  consumed = 0;
  /** Loop turns so far, for tests that bound the work by the input's length. */
  steps = 0;

  /** Of the record that the last piece belongs to; of the next one as soon as its first octet is read. */
  readonly header = takeOctets(RECORD_HEADER_BYTES);
  #headerLength = 0;
  #payloadMissing = 0;
  #recordCount = 0;
  #input: Uint8Array = NOTHING;
  #offset = 0;
  readonly #piece = new Span();

  /** Octets of the record under way that have not been handed out. */
  get payloadMissing(): number {
    return this.#payloadMissing;
  }

  /** Takes the next octets of the stream. They are read by `next` and not kept once it gives nothing. */
  push(bytes: Uint8Array): void {
    this.#input = bytes;
    this.#offset = 0;
  }

  /**
   * The next piece of a payload, never empty, or nothing when the input is used up or broken. The one before is then no
   * longer valid.
   */
  next(): Span | undefined {
    while (this.#payloadMissing === 0) {
      if (this.fault !== undefined || this.#offset === this.#input.length) return undefined;
      this.#readHeaderOctet();
    }
    this.steps++;
    const end = Math.min(this.#offset + this.#payloadMissing, this.#input.length);
    if (end === this.#offset) return undefined;
    this.#piece.show(this.#input, this.#offset, end);
    this.#payloadMissing -= this.#piece.length;
    this.consumed += this.#piece.length;
    this.#offset = end;
    return this.#piece;
  }

  // Octet by octet, so that the first wrong one ends the reading and the verdict is the same however the
  // input is cut.
  #readHeaderOctet(): void {
    this.steps++;
    const position = this.#headerLength++;
    const octet = this.#input[this.#offset++]!;
    this.header[position] = octet;
    this.consumed++;
    if (position === 0) {
      if (octet < ContentType.CHANGE_CIPHER_SPEC || octet > ContentType.HEARTBEAT) {
        return this.#fail(`a record of type ${octet}`);
      }
    } else if (position === 1) {
      if (octet !== Version.TLS_1_2 >> 8) return this.#fail(`a record of version ${hexadecimal(octet, 2)}`);
    } else if (position === 2) {
      if (octet > (Version.TLS_1_3 & 0xff)) {
        return this.#fail(`a record of version ${hexadecimal(0x300 | octet, 4)}`);
      }
    } else if (position === RECORD_HEADER_BYTES - 1) {
      this.#finishHeader();
    }
  }

  #finishHeader(): void {
    const length = uint16At(this.header, 3);
    this.#recordCount++;
    this.#headerLength = 0;
    this.contentType = this.header[0]!;
    if (length === 0) return this.#fail("an empty record");
    if (length > this.payloadBytesMax) {
      return this.#fail(`a record of ${length} octets, above ${this.payloadBytesMax}`);
    }
    this.#payloadMissing = length;
  }

  #fail(reason: string): void {
    if (this.#recordCount > 0) {
      this.fault = { kind: "malformed", reason };
      return;
    }
    const held = this.#headerLength;
    const rest = this.#input.subarray(this.#offset, this.#offset + PREFIX_BYTES_MAX - held);
    const prefix = new Uint8Array(held + rest.length);
    prefix.set(this.header.subarray(0, held));
    prefix.set(rest, held);
    this.fault = { kind: "not_tls", reason, prefix };
  }
}
