/** Ctrl-C or SIGTERM came before there was a scan that could be ended properly. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";

  constructor() {
    super("Interrupted before the first probe");
  }
}
