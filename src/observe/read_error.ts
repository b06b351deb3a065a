/** A log is not what a run writes: a line that is no record, a missing segment, a newer format. */
export class LogReadError extends Error {
  override readonly name = "LogReadError";
}

/** There is no line at a position of a log: it is another log, or one that was repaired. Read it from the start. */
export class LogPositionError extends Error {
  override readonly name = "LogPositionError";
}
