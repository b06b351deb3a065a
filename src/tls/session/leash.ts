import { clearImmediate, setImmediate } from "node:timers";

/** What can be closed at any time, more than once. */
export interface Closable {
  close(): void;
}

/** Ends whatever is under way when a deadline passes or the caller leaves, and leaves nothing open behind. */
export class Leash {
  readonly #leaving = new AbortController();
  readonly #owned = new Set<Closable>();
  readonly #timer: ReturnType<typeof setTimeout>;
  #aborting: ReturnType<typeof setImmediate> | undefined;
  readonly #callers: AbortSignal | undefined;
  readonly #leave = () => this.#end("abandoned");
  /** Why everything was ended before its time. */
  cause: "timeout" | "abandoned" | undefined;

  /** @param deadlineMs from now on. */
  constructor(deadlineMs: number, signal: AbortSignal | undefined) {
    this.#timer = setTimeout(() => this.#end("timeout"), deadlineMs);
    this.#callers = signal;
    if (signal?.aborted) this.#leave();
    else signal?.addEventListener("abort", this.#leave);
  }

  /** For what cannot be closed before it is there. */
  get signal(): AbortSignal {
    return this.#leaving.signal;
  }

  /** Closes `resource` at the end, which may have come already. */
  own<T extends Closable>(resource: T): T {
    this.#owned.add(resource);
    if (this.cause !== undefined) close(resource);
    return resource;
  }

  /** Closes everything, without a cause. */
  release(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#aborting);
    this.#callers?.removeEventListener("abort", this.#leave);
    this.#owned.forEach(close);
    this.#owned.clear();
  }

  #end(cause: "timeout" | "abandoned"): void {
    if (this.cause !== undefined) return;
    this.cause = cause;
    this.#owned.forEach(close);
    // What is there already, and not yet handed over, has to be handed over first: Deno 2.9 forgets about a connection
    // that is aborted then, and never closes it.
    this.#aborting = setImmediate(() => this.#leaving.abort());
  }
}

/** Deno's connections throw when they are closed twice, or have become another kind of connection. */
function close(resource: Closable): void {
  try {
    resource.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}
