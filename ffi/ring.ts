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

/** The positions of both sides, inside the control block. */
class Cursor {
  readonly #positions: BigUint64Array<SharedArrayBuffer>;

  constructor(control: SharedArrayBuffer, offset: number) {
    this.#positions = new BigUint64Array(control, offset, Positions.size / 8);
  }

  load(which: "written" | "read"): number {
    return Number(Atomics.load(this.#positions, Positions[which] / 8));
  }

  store(which: "written" | "read", position: number): void {
    Atomics.store(this.#positions, Positions[which] / 8, BigInt(position));
  }
}

/** The reading end of a ring that the packet plane writes. */
export class RingConsumer {
  readonly memory: Uint8Array<SharedArrayBuffer>;
  /** Of the same memory. */
  readonly view: DataView<SharedArrayBuffer>;
  readonly #cursor: Cursor;
  #read = 0;

  /** `memory` holds the ring, a power of two octets; the positions stand at `offset` of `control`. */
  constructor(control: SharedArrayBuffer, offset: number, memory: Uint8Array<SharedArrayBuffer>) {
    this.memory = memory;
    this.view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
    this.#cursor = new Cursor(control, offset);
  }

  /**
   * Shows every record that is there now to `take`: its payload lies in the memory from `start` to `end`, and only
   * during the call. Not every record is worth a view of its own.
   */
  drain(take: (kind: number, connection: number, start: number, end: number) => void): void {
    const { view } = this;
    const written = this.#cursor.load("written");
    while (this.#read < written) {
      const at = this.#read % this.memory.length;
      const size = view.getUint32(at + RecordHeader.payloadSize, true);
      const kind = view.getUint16(at + RecordHeader.kind, true);
      this.#read += recordSize(size);
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
  #written = 0;
  /** As of when there last seemed to be no room. */
  #read = 0;

  /** As {@linkcode RingConsumer}'s. */
  constructor(control: SharedArrayBuffer, offset: number, memory: Uint8Array<SharedArrayBuffer>) {
    this.memory = memory;
    this.#view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
    this.#cursor = new Cursor(control, offset);
  }

  /** Writes one record of the parts in order; false when there is no room for it now. */
  push(kind: number, connection: number, ...parts: readonly Uint8Array[]): boolean {
    let payloadSize = 0;
    for (const part of parts) payloadSize += part.length;
    const size = recordSize(payloadSize);
    const capacity = this.memory.length;
    const start = this.#written % capacity;
    const skipped = start + size > capacity ? capacity - start : 0;
    const written = this.#written + skipped + size;
    if (written - this.#read > capacity) this.#read = this.#cursor.load("read");
    if (written - this.#read > capacity) return false;

    if (skipped > 0) this.#writeHeader(start, skipped - ALIGNMENT, KIND_SKIP, 0);
    const at = (start + skipped) % capacity;
    this.#writeHeader(at, payloadSize, kind, connection);
    let end = at + ALIGNMENT;
    for (const part of parts) {
      this.memory.set(part, end);
      end += part.length;
    }
    this.#written = written;
    this.#cursor.store("written", written);
    return true;
  }

  #writeHeader(at: number, size: number, kind: number, connection: number): void {
    this.#view.setUint32(at + RecordHeader.payloadSize, size, true);
    this.#view.setUint16(at + RecordHeader.kind, kind, true);
    this.#view.setUint32(at + RecordHeader.connection, connection, true);
  }
}
