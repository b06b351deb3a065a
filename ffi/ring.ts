/**
 * This side of the rings of `zig/src/ring.zig`: records in shared memory, one producer, one consumer.
 *
 * @module
 */
import { Positions, RecordHeader } from "./bindings.ts";

const ALIGNMENT = RecordHeader.size;
const KIND_SKIP = 0;

function recordSize(payloadSize: number): number {
  return ALIGNMENT + Math.ceil(payloadSize / ALIGNMENT) * ALIGNMENT;
}

/** The positions of both sides, inside the control block: octets since the start, modulo 2^32. */
class Cursor {
  readonly #positions: Uint32Array<SharedArrayBuffer>;

  constructor(control: SharedArrayBuffer, offset: number) {
    this.#positions = new Uint32Array(control, offset, Positions.size / 4);
  }

  load(which: "written" | "read"): number {
    return Atomics.load(this.#positions, Positions[which] / 4);
  }

  store(which: "written" | "read", position: number): void {
    Atomics.store(this.#positions, Positions[which] / 4, position);
  }
}

/** The reading end of a ring that the packet plane writes. */
export class RingConsumer {
  readonly memory: Uint8Array<SharedArrayBuffer>;
  /** Of the same memory. */
  readonly view: DataView<SharedArrayBuffer>;
  readonly #cursor: Cursor;
  #read: number;

  /** `memory` holds the ring, a power of two octets; the positions stand at `offset` of `control`. */
  constructor(control: SharedArrayBuffer, offset: number, memory: Uint8Array<SharedArrayBuffer>) {
    this.memory = memory;
    this.view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
    this.#cursor = new Cursor(control, offset);
    this.#read = this.#cursor.load("read");
  }

  /**
   * Shows every record that is there now to `take`: its payload lies in the memory from `start` to `end`, and only
   * during the call. Not every record is worth a view of its own.
   */
  drain(take: (kind: number, connection: number, start: number, end: number) => void): void {
    const { view } = this;
    const written = this.#cursor.load("written");
    while (this.#read !== written) {
      const at = this.#read % this.memory.length;
      const size = view.getUint32(at + RecordHeader.payloadSize, true);
      const kind = view.getUint16(at + RecordHeader.kind, true);
      this.#read = (this.#read + recordSize(size)) >>> 0;
      if (kind !== KIND_SKIP) {
        const start = at + ALIGNMENT;
        take(kind, view.getUint32(at + RecordHeader.connection, true), start, start + size);
      }
      // One by one, so that the producer gets its room back while a long batch is worked on.
      this.#cursor.store("read", this.#read);
    }
  }
}

/** The writing end of a ring that the packet plane reads. */
export class RingProducer {
  readonly memory: Uint8Array<SharedArrayBuffer>;
  readonly #cursor: Cursor;
  readonly #view: DataView;
  #written: number;
  /** As of when there last seemed to be no room. */
  #read: number;

  /** As {@linkcode RingConsumer}'s. */
  constructor(control: SharedArrayBuffer, offset: number, memory: Uint8Array<SharedArrayBuffer>) {
    this.memory = memory;
    this.#view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
    this.#cursor = new Cursor(control, offset);
    this.#written = this.#cursor.load("written");
    this.#read = this.#cursor.load("read");
  }

  /** Writes one record of the parts in order; false when there is no room for it now. */
  push(kind: number, connection: number, ...parts: readonly Uint8Array[]): boolean {
    let payloadSize = 0;
    for (const part of parts) payloadSize += part.length;
    const size = recordSize(payloadSize);
    const capacity = this.memory.length;
    const start = this.#written % capacity;
    const skipped = start + size > capacity ? capacity - start : 0;
    const needed = skipped + size;
    if (this.#used + needed > capacity) this.#read = this.#cursor.load("read");
    if (this.#used + needed > capacity) return false;

    if (skipped > 0) this.#writeHeader(start, skipped - ALIGNMENT, KIND_SKIP, 0);
    const at = (start + skipped) % capacity;
    this.#writeHeader(at, payloadSize, kind, connection);
    let end = at + ALIGNMENT;
    for (const part of parts) {
      this.memory.set(part, end);
      end += part.length;
    }
    this.#written = (this.#written + needed) >>> 0;
    this.#cursor.store("written", this.#written);
    return true;
  }

  /** Octets that the other side may not have read yet. */
  get #used(): number {
    return (this.#written - this.#read) >>> 0;
  }

  #writeHeader(at: number, size: number, kind: number, connection: number): void {
    this.#view.setUint32(at + RecordHeader.payloadSize, size, true);
    this.#view.setUint16(at + RecordHeader.kind, kind, true);
    this.#view.setUint32(at + RecordHeader.connection, connection, true);
  }
}
