/**
 * The records of a TLS 1.3 handshake that the server protects (RFC 8446, 5.2), opened.
 *
 * @module
 */

import { openTls13Record, type Tls13Keys } from "../../ffi/mod.ts";
import { RECORD_HEADER_BYTES } from "./constants.ts";
import { Malformed } from "./malformed.ts";
import { takeOctets } from "./octet_pool.ts";
import type { RecordReader } from "./records.ts";
import type { Span } from "./span.ts";

/** What a protected record holds. */
export interface InnerRecord {
  /** ContentType. */
  readonly contentType: number;
  /** Not empty; nobody else's. */
  readonly content: Uint8Array;
}

/** Puts records together, since only whole ones can be opened, and opens them in their order. */
export class ProtectedRecords {
  readonly #keys: Tls13Keys;
  #sequence = 0;
  #record = new Uint8Array(0);
  #recordLength = 0;

  constructor(keys: Tls13Keys) {
    this.#keys = keys;
  }

  /** Octets held of a record that is not whole yet, its header aside. */
  get heldBytes(): number {
    return Math.max(0, this.#recordLength - RECORD_HEADER_BYTES);
  }

  /** Takes the piece that `records` has just handed out; the record once it is whole. */
  push(piece: Span, records: RecordReader): InnerRecord | Malformed | undefined {
    if (this.#recordLength === 0) {
      this.#record = takeOctets(RECORD_HEADER_BYTES + piece.length + records.payloadMissing);
      this.#record.set(records.header);
      this.#recordLength = RECORD_HEADER_BYTES;
    }
    this.#record.set(piece.view(), this.#recordLength);
    this.#recordLength += piece.length;
    if (this.#recordLength < this.#record.length) return undefined;
    this.#recordLength = 0;
    const inner = openTls13Record(this.#keys, this.#sequence++, this.#record);
    return inner === undefined ? new Malformed("a record that does not decrypt") : withoutPadding(inner);
  }
}

/** The content ends before its type, the last octet that is not zero (RFC 8446, 5.4). */
function withoutPadding(inner: Uint8Array): InnerRecord | Malformed {
  let end = inner.length - 1;
  while (end >= 0 && inner[end] === 0) end--;
  if (end < 0) return new Malformed("a record without a content type");
  if (end === 0) return new Malformed("an empty record");
  return { contentType: inner[end]!, content: inner.subarray(0, end) };
}
