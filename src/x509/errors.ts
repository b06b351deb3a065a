import { DerError, type DerReader } from "./der.ts";

/** A record keeps no more errors than this: a hostile certificate must not make the log larger than itself. */
export const ERROR_COUNT_MAX = 16;

/**
 * Adds the flaw met while `piece` was read, and the error that ended it if one did, as one line to `errors`. What is no
 * {@linkcode DerError} is a mistake of ours and goes on.
 */
export function collectFlaw(reader: DerReader, piece: string, errors: string[], error: unknown = null): void {
  if (error instanceof DerError) reader.noteFlaw(error.message);
  else if (error !== null) throw error;
  const flaw = reader.takeFlaw();
  if (flaw !== null && errors.length < ERROR_COUNT_MAX) errors.push(`Cannot read ${piece}: ${flaw}`);
}
