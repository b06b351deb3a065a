import type { Observation } from "./observation.ts";
import { type OctetStream, reasonOf, writeOctets } from "../text/mod.ts";
import { RecordQueue } from "./record_queue.ts";
import { LogWriteError, type ObservationSink, OutputClosedError } from "./sink.ts";

/** Lines to a stream: the records of a log on standard output, for `-o -`. */
export class StreamSink implements ObservationSink {
  readonly #stream: OctetStream;
  readonly #name: string;
  readonly #queue = new RecordQueue((lines) => this.#write(lines));

  /** `name` is what errors call the stream. */
  constructor(stream: OctetStream = Deno.stdout, name = "standard output") {
    this.#stream = stream;
    this.#name = name;
  }

  get full(): boolean {
    return this.#queue.full;
  }

  append(record: Observation | string): void {
    this.#queue.append(record);
  }

  flush(): Promise<void> {
    return this.#queue.flush();
  }

  async close(): Promise<void> {
    if (!this.#queue.failed) await this.#queue.flush();
  }

  discard(): Promise<void> {
    return Promise.resolve();
  }

  async #write(lines: Uint8Array): Promise<void> {
    try {
      await writeOctets(this.#stream, lines);
    } catch (error) {
      if (error instanceof Deno.errors.BrokenPipe) {
        throw new OutputClosedError(`Cannot write to ${this.#name}: its reader has left`, { cause: error });
      }
      throw new LogWriteError(`Cannot write to ${this.#name}: ${reasonOf(error)}`, { cause: error });
    }
  }
}
