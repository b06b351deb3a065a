/** Ctrl-C or SIGTERM came before there was a scan that could be ended properly. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";

  constructor() {
    super("Interrupted before the first probe");
  }
}

/** Calls `work` with a signal that aborts at Ctrl-C (SIGINT) and at SIGTERM, which then end nothing by themselves. */
export async function withInterruption<Result>(
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const interruption = new AbortController();
  const interrupt = () => interruption.abort(new InterruptedError());
  Deno.addSignalListener("SIGINT", interrupt);
  Deno.addSignalListener("SIGTERM", interrupt);
  try {
    return await work(interruption.signal);
  } finally {
    Deno.removeSignalListener("SIGINT", interrupt);
    Deno.removeSignalListener("SIGTERM", interrupt);
  }
}

/**
 * Resolves or rejects as `work` does.
 *
 * @throws {InterruptedError} when `signal` aborts first; `work` is then left to itself.
 */
export async function unlessInterrupted<Result>(signal: AbortSignal, work: Promise<Result>): Promise<Result> {
  const interrupted = Promise.withResolvers<never>();
  const reject = () => interrupted.reject(signal.reason);
  signal.addEventListener("abort", reject);
  if (signal.aborted) reject();
  try {
    return await Promise.race([work, interrupted.promise]);
  } finally {
    signal.removeEventListener("abort", reject);
  }
}
