import type { Observation } from "./observation.ts";

/** Characters after which a batch is worth a system call. */
const BATCH_CHARACTERS = 256 * 1024;

/** Characters after which {@linkcode RecordQueue.full} asks the caller to wait: what memory a stalled disk may cost. */
const LIMIT_CHARACTERS = 4 * 1024 * 1024;

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
  #lines: string[] = [];
  #characters = 0;
  #draining: Promise<void> | undefined;
  #failure: Error | undefined;

  /** @param write Stores one batch. When it rejects, nothing more is written and every call throws the error. */
  constructor(write: (lines: Uint8Array) => Promise<void>) {
    this.#write = write;
  }

  /** Whether a write has failed. */
  get failed(): boolean {
    return this.#failure !== undefined;
  }

  /** Whether the caller should await {@linkcode flush} before it appends more. */
  get full(): boolean {
    return this.#characters >= LIMIT_CHARACTERS;
  }

  /** @throws what the write before threw. */
  append(record: Observation | string): void {
    if (this.#failure) throw this.#failure;
    const line = (typeof record === "string" ? record : JSON.stringify(record)).replace(UNSAFE, escape);
    this.#lines.push(line);
    this.#characters += line.length + 1;
    if (this.#characters >= BATCH_CHARACTERS) this.#draining ??= this.#drain();
  }

  /** Resolves once every record appended so far has been written, rejects with what a write threw. */
  async flush(): Promise<void> {
    while (!this.#failure && (this.#draining || this.#lines.length > 0)) {
      await (this.#draining ??= this.#drain());
    }
    if (this.#failure) throw this.#failure;
  }

  /** Writes until nothing is pending. Never rejects: the failure waits for the next call. */
  async #drain(): Promise<void> {
    try {
      while (this.#lines.length > 0) {
        const text = this.#lines.join("\n") + "\n";
        this.#lines = [];
        this.#characters = 0;
        await this.#write(this.#encoder.encode(text));
      }
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      this.#lines = [];
      this.#characters = 0;
    } finally {
      this.#draining = undefined;
    }
  }
}
