import { type OctetStream, reasonOf, writeOctets } from "../../text/mod.ts";

/** Characters after which a batch is worth a system call. What waits is at most this and one record. */
const BATCH_CHARACTERS = 256 * 1024;

/** What most calls resolve with: a promise for each node would cost more than the node. */
const HAS_ROOM = Promise.resolve();

/** One file of an export as it grows. */
export class ExportFile {
  readonly name: string;
  readonly #path: string;
  readonly #stream: OctetStream;
  readonly #finish: () => Promise<void>;
  readonly #signal: AbortSignal | undefined;
  readonly #encoder = new TextEncoder();
  #batch: string[] = [];
  #characters = 0;
  #records = 0;

  /**
   * @param path for messages.
   * @param finish what is done to the stream when everything has been written.
   */
  constructor(
    name: string,
    path: string,
    stream: OctetStream,
    finish: () => Promise<void>,
    signal: AbortSignal | undefined,
  ) {
    this.name = name;
    this.#path = path;
    this.#stream = stream;
    this.#finish = finish;
    this.#signal = signal;
  }

  /** How many nodes and edges were written. */
  get records(): number {
    return this.#records;
  }

  /**
   * Writes what stands around nodes and edges. To be awaited before the next call: that is what keeps an export from
   * outrunning the disk.
   */
  write(text: string): Promise<void> {
    this.#batch.push(text);
    this.#characters += text.length;
    return this.#characters >= BATCH_CHARACTERS ? this.#flush() : HAS_ROOM;
  }

  /** {@linkcode write} for a node or an edge. */
  record(text: string): Promise<void> {
    this.#records += 1;
    return this.write(text);
  }

  /** Everything is on the disk when this resolves. */
  async close(): Promise<void> {
    await this.#flush();
    try {
      await this.#finish();
    } catch (error) {
      throw this.#cannotWrite(error);
    }
  }

  async #flush(): Promise<void> {
    this.#signal?.throwIfAborted();
    const octets = this.#encoder.encode(this.#batch.join(""));
    this.#batch = [];
    this.#characters = 0;
    try {
      await writeOctets(this.#stream, octets);
    } catch (error) {
      throw this.#cannotWrite(error);
    }
  }

  #cannotWrite(error: unknown): Error {
    return new Error(`Cannot write ${this.#path}: ${reasonOf(error)}`, { cause: error });
  }
}
