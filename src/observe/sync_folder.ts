/** Makes what is in a folder outlast a loss of power: a file's own sync says nothing of its name. */
export async function syncFolder(folder: string): Promise<void> {
  using entries = await Deno.open(folder);
  try {
    await entries.sync();
  } catch (error) {
    // Some network file systems cannot.
    if (!(error instanceof Error && "code" in error && error.code === "EINVAL")) throw error;
  }
}
