import type { Observation } from "./observation.ts";
import { reasonOf } from "../text/mod.ts";
import { LogWriteError, type ObservationSink } from "./sink.ts";
import { StreamSink } from "./stream.ts";

/** One file of lines. */
export class FileSink implements ObservationSink {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  readonly #lines: StreamSink;

  private constructor(path: string, file: Deno.FsFile) {
    this.#path = path;
    this.#file = file;
    this.#lines = new StreamSink(file, path);
  }

  /** @throws {LogWriteError} also where there is such a file: none is overwritten. */
  static async create(path: string): Promise<FileSink> {
    try {
      return new FileSink(path, await Deno.open(path, { write: true, createNew: true }));
    } catch (error) {
      const reason = error instanceof Deno.errors.AlreadyExists
        ? "there is such a file already; name another one with -o"
        : reasonOf(error);
      throw new LogWriteError(`Cannot write ${path}: ${reason}`, { cause: error });
    }
  }

  get full(): boolean {
    return this.#lines.full;
  }

  append(record: Observation | string): void {
    this.#lines.append(record);
  }

  flush(): Promise<void> {
    return this.#lines.flush();
  }

  async close(): Promise<void> {
    try {
      await this.#lines.close();
    } finally {
      this.#file.close();
    }
  }

  async discard(): Promise<void> {
    this.#file.close();
    await Deno.remove(this.#path);
  }
}
