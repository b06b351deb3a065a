import type { SegmentOctets } from "./segment.ts";

/** What a read asks for, in octets, and so what a batch of lines takes unless one line is longer. */
const READ_BYTES = 256 * 1024;

/** Longest line that is read, in octets: a file of another kind is refused before it fills the memory. */
export const LINE_BYTES_MAX = 16 * 1024 * 1024;

/** The octet that ends a line. */
export const NEWLINE = 0x0a;

/** Cuts a segment into batches of whole lines. It holds one read, or the longest line. */
export class LineCutter {
  readonly #octets: SegmentOctets;
  #buffer = new Uint8Array(2 * READ_BYTES);
  #held = 0;
  #taken = 0;
  #offset: number;
  #rest = 0;

  /** @param offset where in the segment `octets` stands. */
  constructor(octets: SegmentOctets, offset: number) {
    this.#octets = octets;
    this.#offset = offset;
  }

  /** Of the first octet that {@linkcode next} has not handed out. */
  get offset(): number {
    return this.#offset + this.#taken;
  }

  /** How many octets of a line without an end there were when {@linkcode next} last had none. */
  get rest(): number {
    return this.#rest;
  }

  /**
   * Lines with their ends, valid until the next call. Undefined when the segment has no whole line more, for now: the
   * next call reads again from {@linkcode offset}, whatever stands there by then. `too long` for a line that is.
   */
  async next(): Promise<Uint8Array | "too long" | undefined> {
    this.#drop();
    for (;;) {
      if (this.#held >= LINE_BYTES_MAX) return "too long";
      if (this.#held + READ_BYTES > this.#buffer.length) this.#grow();
      const room = this.#buffer.subarray(this.#held, this.#held + READ_BYTES);
      const length = await this.#octets.read(room);
      if (length === null) {
        this.#rest = this.#held;
        await this.back(this.offset);
        return undefined;
      }
      // Only what was just read can hold a newline: a long line is not searched again and again.
      const newline = room.subarray(0, length).lastIndexOf(NEWLINE);
      const searched = this.#held;
      this.#held += length;
      if (newline === -1) continue;
      this.#taken = searched + newline + 1;
      return this.#buffer.subarray(0, this.#taken);
    }
  }

  /** Goes back to the start of a line that was handed out or cut off. */
  async back(offset: number): Promise<void> {
    if (this.#held === 0 && offset === this.#offset) return;
    this.#held = 0;
    this.#taken = 0;
    this.#offset = offset;
    if (!this.#octets.isCompressed) await this.#octets.seek(offset);
  }

  /** Passes over a line that is too long; false when the segment, a plain one, ends in it. */
  async skipLine(): Promise<boolean> {
    for (;;) {
      this.#offset += this.#held;
      this.#held = 0;
      const room = this.#buffer.subarray(0, READ_BYTES);
      const length = await this.#octets.read(room);
      if (length === null) return false;
      const newline = room.subarray(0, length).indexOf(NEWLINE);
      this.#held = length;
      if (newline === -1) continue;
      await this.back(this.#offset + newline + 1);
      return true;
    }
  }

  #drop(): void {
    this.#buffer.copyWithin(0, this.#taken, this.#held);
    this.#offset += this.#taken;
    this.#held -= this.#taken;
    this.#taken = 0;
  }

  #grow(): void {
    const larger = new Uint8Array(this.#buffer.length * 2);
    larger.set(this.#buffer.subarray(0, this.#held));
    this.#buffer = larger;
  }
}
