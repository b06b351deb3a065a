import { ExitCode } from "./exit_code.ts";
import { InterruptedError } from "./interrupted_error.ts";

/** Signals this close together are one: `timeout` and task runners pass on what the terminal has sent already. */
const REPEAT_MS = 500;

/**
 * Calls `work` with a signal that aborts at Ctrl-C (SIGINT) and at SIGTERM, which then end nothing by themselves. The
 * second one ends the process at once: whoever reads standard output may keep the proper end waiting for ever.
 *
 * @param event what the message says was still to come.
 */
export async function withInterruption<Result>(
  work: (signal: AbortSignal) => Promise<Result>,
  event = "the first probe",
): Promise<Result> {
  const interruption = new AbortController();
  let firstAt: number | undefined;
  const interrupt = () => {
    firstAt ??= performance.now();
    if (performance.now() - firstAt > REPEAT_MS) Deno.exit(ExitCode.interrupted);
    interruption.abort(new InterruptedError(event));
  };
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
