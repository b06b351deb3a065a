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

/** The lines that a child process writes, without their line breaks, the last one also when it has none. */
export async function* eachLine(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}
