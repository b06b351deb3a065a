/**
 * Whether an error, or what it came of, says that whoever read our standard output has left, as `head` does when it
 * has enough: no reason to complain.
 */
export function hasReaderLeft(error: unknown): boolean {
  return error instanceof Deno.errors.BrokenPipe || error instanceof Error && hasReaderLeft(error.cause);
}
