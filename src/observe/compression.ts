import { join } from "node:path";
import type { CompressionAnswer, CompressionTask } from "./compression_worker.ts";
import { segmentName, unfinishedName } from "./segment.ts";

/** Compresses the finished segments of a log one after another, on another thread. */
export class Compression {
  readonly #folder: string;
  readonly #onFailure: (message: string) => void;
  #last: Promise<void> = Promise.resolve();

  /** @param onFailure is told why a segment stays as it is, which harms nothing. */
  constructor(folder: string, onFailure: (message: string) => void) {
    this.#folder = folder;
    this.#onFailure = onFailure;
  }

  /** Compresses a segment once those before are done. */
  add(number: number): void {
    this.#last = this.#last.then(() => this.#compress(number));
  }

  /** Resolves once everything is compressed. */
  done(): Promise<void> {
    return this.#last;
  }

  async #compress(number: number): Promise<void> {
    const failure = await onThread({ folder: this.#folder, number });
    if (failure === undefined) return;
    await Deno.remove(join(this.#folder, unfinishedName(number))).catch(() => {});
    this.#onFailure(
      `Cannot compress ${join(this.#folder, segmentName(number))}: ${failure}; it stays as it is`,
    );
  }
}

function onThread(task: CompressionTask): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const thread = new Worker(new URL("./compression_worker.ts", import.meta.url), { type: "module" });
  thread.addEventListener("message", (event: MessageEvent<CompressionAnswer>) => resolve(event.data.failure));
  thread.addEventListener("error", (event) => {
    event.preventDefault();
    resolve(event.message);
  });
  thread.postMessage(task);
  return promise.finally(() => thread.terminate());
}
