/** Ctrl-C or SIGTERM came before there was anything that could be ended properly. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";

  /** @param event before which it came. */
  constructor(event: string) {
    super(`Interrupted before ${event}`);
  }
}
