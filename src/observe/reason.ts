/** What an error says, to stand behind "Cannot write FILE: ". */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
