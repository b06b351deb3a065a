/**
 * The first line a child process writes, without its line break, or undefined when it ends before. What
 * follows the line is read and forgotten, so that the child never waits for a reader.
 */
export async function nextLine(stream: ReadableStream<Uint8Array>): Promise<string | undefined> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = "";
  while (!text.includes("\n")) {
    const { done, value } = await reader.read();
    if (done) return undefined;
    text += decoder.decode(value, { stream: true });
  }
  reader.releaseLock();
  stream.pipeTo(new WritableStream()).catch(() => {});
  return text.slice(0, text.indexOf("\n"));
}
