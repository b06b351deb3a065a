import type { Observation } from "./observation.ts";

/** Where a run's observations go: a folder's log or a stream. Both keep the order of the calls. */
export interface ObservationSink {
  /** Whether what is below has fallen behind: await {@linkcode flush} before appending more. */
  readonly full: boolean;

  /**
   * Takes one record, or the JSON of one. It is buffered: it counts once {@linkcode flush} or {@linkcode close} has
   * resolved.
   *
   * @throws {LogWriteError} when an earlier record could not be written.
   * @throws {OutputClosedError} when whoever read the stream has left.
   */
  append(record: Observation | string): void;

  /** Hands everything appended so far to the operating system. Rejects as {@linkcode append} throws. */
  flush(): Promise<void>;

  /**
   * Flushes and releases. After a failure that a call has already thrown it only releases, so that it can stand in a
   * `finally`.
   */
  close(): Promise<void>;

  /** Releases and leaves nothing behind: of a run that never came to start. */
  discard(): Promise<void>;
}

/** A record could not be stored: the disk is full, or it broke. What was written before stays readable. */
export class LogWriteError extends Error {
  override readonly name = "LogWriteError";
}

/** The reader of the stream has left, as `head` does when it has enough. No reason to complain. */
export class OutputClosedError extends Error {
  override readonly name = "OutputClosedError";
}
