/**
 * What was asked for cannot be scanned: malformed text, a file that cannot be read, a name that does not resolve, a
 * target set with nothing in it. The command layer answers with exit code 2.
 */
export class TargetError extends Error {
  override readonly name = "TargetError";
  /** Where the text stands: `targets.txt:3` or, for the whole file, `targets.txt`; it also leads the message. */
  readonly source: string | undefined;

  constructor(message: string, source?: string) {
    super(source === undefined ? message : `${source}: ${message}`);
    this.source = source;
  }
}
