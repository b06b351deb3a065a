/** What an error says, whatever was thrown: to stand behind "Cannot write FILE: ". */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
