import type { Observation } from "./observation.ts";

/** Characters of lines that are encoded at once. */
const TEXT_LENGTH = 16 * 1024;

/** Octets after which a batch is worth a system call. */
const BATCH_BYTES = 256 * 1024;

/** Room for a batch and the line that completes it. */
const BUFFER_BYTES = BATCH_BYTES + 64 * 1024;

/** Octets after which {@linkcode RecordQueue.full} asks the caller to wait: what memory a stalled disk may cost. */
const LIMIT_BYTES = 4 * 1024 * 1024;

/** A character of UTF-16 makes up to three octets of UTF-8. */
const BYTES_PER_CHARACTER_MAX = 3;

const NOTHING = new Uint8Array(0);

/** The one of the characters below that UTF-8 makes one octet of. */
const DELETE = "\u007f";

/**
 * What JSON leaves raw and a terminal may obey: DEL, C1 controls, line separators, bidirectional and other format
 * characters. A log is read with `grep` too.
 */
const UNSAFE = /[\u007f-\u009f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g;

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/**
 * Turns records into NDJSON and hands them on in batches of whole lines, one batch at a time and in order. What is
 * slow below (a disk, a pipe) never blocks {@linkcode append}; it shows as {@linkcode full}.
 */
export class RecordQueue {
  readonly #write: (lines: Uint8Array) => Promise<void>;
  readonly #encoder = new TextEncoder();
  /** Lines that are not encoded yet: some at once cost less than one by one, but more would outlive the nursery. */
  #text = "";
  #lines = NOTHING;
  #length = 0;
  /** Takes the place of `#lines` when they are written: a new one each time costs the kernel its pages. */
  #spare = NOTHING;
  #draining: Promise<void> | undefined;
  #failure: Error | undefined;

  /**
   * @param write Stores one batch, which is valid until it resolves. When it rejects, nothing more is written and every
   * call throws the error.
   */
  constructor(write: (lines: Uint8Array) => Promise<void>) {
    this.#write = write;
  }

  /** Whether a write has failed. */
  get failed(): boolean {
    return this.#failure !== undefined;
  }

  /** Whether the caller should await {@linkcode flush} before it appends more. */
  get full(): boolean {
    return this.#length >= LIMIT_BYTES;
  }

  get #isEmpty(): boolean {
    return this.#length === 0 && this.#text === "";
  }

  /** @throws what the write before threw. */
  append(record: Observation | string): void {
    if (this.#failure) throw this.#failure;
    this.#text += `${typeof record === "string" ? record : JSON.stringify(record)}\n`;
    if (this.#text.length >= TEXT_LENGTH) this.#encodeText();
    if (this.#length >= BATCH_BYTES) this.#draining ??= this.#drain();
  }

  /** Resolves once every record appended so far has been written, rejects with what a write threw. */
  async flush(): Promise<void> {
    while (!this.#failure && (this.#draining || !this.#isEmpty)) {
      await (this.#draining ??= this.#drain());
    }
    if (this.#failure) throw this.#failure;
  }

  #encodeText(): void {
    const text = this.#text;
    this.#text = "";
    // Most lines are of ASCII alone, which shows when they are encoded: a search costs three times as much.
    const isSafe = this.#encode(text) === text.length && !text.includes(DELETE);
    this.#length += isSafe ? text.length : this.#encode(text.replace(UNSAFE, escape));
  }

  /** Writes lines behind what is pending; how many octets they have. */
  #encode(text: string): number {
    this.#reserve(text.length * BYTES_PER_CHARACTER_MAX);
    return this.#encoder.encodeInto(text, this.#lines.subarray(this.#length)).written;
  }

  #reserve(size: number): void {
    const wanted = this.#length + size;
    if (wanted <= this.#lines.length) return;
    const lines = wanted <= this.#spare.length
      ? this.#spare
      : new Uint8Array(Math.max(wanted, 2 * this.#lines.length, BUFFER_BYTES));
    lines.set(this.#lines.subarray(0, this.#length));
    this.#lines = lines;
    this.#spare = NOTHING;
  }

  /** Hands on what is pending. */
  async #writePending(): Promise<void> {
    this.#encodeText();
    const lines = this.#lines;
    const pending = lines.subarray(0, this.#length);
    this.#clear();
    await this.#write(pending);
    if (lines.length === BUFFER_BYTES) this.#spare = lines;
  }

  #clear(): void {
    this.#text = "";
    this.#lines = NOTHING;
    this.#length = 0;
  }

  /** Writes until nothing is pending. Never rejects: the failure waits for the next call. */
  async #drain(): Promise<void> {
    try {
      while (!this.#isEmpty) await this.#writePending();
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      this.#clear();
    } finally {
      this.#draining = undefined;
    }
  }
}
