import { type OctetStream, reasonOf, writeOctets } from "../text/mod.ts";
import type { Filter } from "./filter.ts";
import type { Format } from "./format.ts";
import { OctetWriter } from "./octet_writer.ts";
import type { SweepRecord, Verdict } from "./record.ts";

/** Results could not be stored: the disk is full, or it broke. */
export class OutputError extends Error {
  override readonly name = "OutputError";
}

/** The reader of the results has left, as `head` does when it has enough. No reason to complain. */
export class OutputLeftError extends Error {
  override readonly name = "OutputLeftError";
}

/** What is done to a stream in the end. */
export interface StreamOwner {
  release(): void;
  /** Takes away what was made for this output; after {@linkcode release}. */
  remove(): Promise<void>;
}

/** How records become text, and which. */
export interface RecordShape {
  readonly format: Format;
  readonly filter: Filter;
}

/** Octets after which a batch is worth a system call. */
const BATCH_OCTETS = 256 * 1024;

/** Octets after which {@linkcode RecordOutput.full} asks the caller to wait: what memory a slow reader may cost. */
const LIMIT_OCTETS = 4 * 1024 * 1024;

/** A sweep's results on their way to a file or to standard output: filtered, formatted, in batches of whole lines. */
export class RecordOutput {
  readonly #name: string;
  readonly #stream: OctetStream;
  readonly #owner: StreamOwner | undefined;
  readonly #shape: RecordShape;
  readonly #out = new OctetWriter();
  #kept = 0;
  #draining: Promise<void> | undefined;
  #failure: Error | undefined;

  /**
   * @param name for messages.
   * @param owner of a stream that is to be released.
   */
  constructor(name: string, stream: OctetStream, shape: RecordShape, owner?: StreamOwner) {
    this.#name = name;
    this.#stream = stream;
    this.#owner = owner;
    this.#shape = shape;
    this.#out.text(shape.format.header);
  }

  /**
   * Opens a file, or standard output for `-`. Results that are there already are not overwritten.
   *
   * @throws {OutputError}
   */
  static async open(path: string, shape: RecordShape): Promise<RecordOutput> {
    if (path === "-") return new RecordOutput("standard output", Deno.stdout, shape);
    const { file, isOurs } = await openFile(path);
    const remove = () => isOurs ? Deno.remove(path) : Promise.resolve();
    return new RecordOutput(path, file, shape, { release: () => file.close(), remove });
  }

  /** How many records were kept. */
  get kept(): number {
    return this.#kept;
  }

  /** Whether what is below has fallen behind: await {@linkcode flush} before writing more. */
  get full(): boolean {
    return this.#out.length >= LIMIT_OCTETS;
  }

  /** Whether a record of this verdict could be kept. */
  wants(verdict: Verdict): boolean {
    return this.#shape.filter.wants(verdict);
  }

  /**
   * Takes one record, which may change after the call; tells whether the filter kept it.
   *
   * @throws {OutputError} when what came before could not be written.
   * @throws {OutputLeftError} when whoever read the output has left.
   */
  write(record: SweepRecord): boolean {
    if (this.#failure) throw this.#failure;
    if (!this.#shape.filter.keeps(record)) return false;
    this.#shape.format.write(record, this.#out);
    this.#kept += 1;
    if (this.#out.length >= BATCH_OCTETS) this.#draining ??= this.#drain();
    return true;
  }

  /** Hands everything written so far to the operating system. Rejects as {@linkcode write} throws. */
  async flush(): Promise<void> {
    while (!this.#failure && (this.#draining || this.#out.length > 0)) {
      await (this.#draining ??= this.#drain());
    }
    if (this.#failure) throw this.#failure;
  }

  /** Flushes and releases. After a failure that a call has already thrown it only releases. */
  async close(): Promise<void> {
    try {
      if (!this.#failure) await this.flush();
    } finally {
      this.#owner?.release();
    }
  }

  /** Releases and leaves nothing behind: of a sweep that never came to start. */
  async discard(): Promise<void> {
    this.#owner?.release();
    await this.#owner?.remove();
  }

  /** Writes until nothing is pending. Never rejects: the failure waits for the next call. */
  async #drain(): Promise<void> {
    try {
      while (this.#out.length > 0) await writeOctets(this.#stream, this.#out.take());
    } catch (error) {
      this.#failure = error instanceof Deno.errors.BrokenPipe
        ? new OutputLeftError(`Cannot write to ${this.#name}: its reader has left`, { cause: error })
        : cannotWrite(this.#name, error);
    } finally {
      this.#draining = undefined;
    }
  }
}

/** Opens for writing what holds nothing yet; `isOurs` tells a file that was not there before. */
async function openFile(path: string): Promise<{ file: Deno.FsFile; isOurs: boolean }> {
  let held: Deno.FileInfo | undefined;
  try {
    held = await Deno.stat(path);
  } catch (error) {
    // What else is wrong with the path shows when it is opened.
    if (!(error instanceof Deno.errors.NotFound)) throw cannotWrite(path, error);
  }
  if (held?.isFile && held.size > 0) {
    throw new OutputError(
      `Cannot write to ${path}: it holds something already; name another file, or remove it`,
    );
  }
  try {
    const file = await Deno.open(path, { write: true, ...(held === undefined ? { createNew: true } : {}) });
    return { file, isOurs: held === undefined };
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

function cannotWrite(name: string, error: unknown): OutputError {
  return new OutputError(`Cannot write to ${name}: ${reasonOf(error)}`, { cause: error });
}
