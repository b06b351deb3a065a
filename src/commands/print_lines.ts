import { hasReaderLeft } from "./has_reader_left.ts";

/** Lines that are worth a system call. */
const BATCH_LINES = 4096;

/** Writes lines, each with its line end, to standard output. */
export async function printLines(lines: Iterable<string>): Promise<void> {
  const encoder = new TextEncoder();
  const writer = Deno.stdout.writable.getWriter();
  let batch: string[] = [];
  const flush = async () => {
    await writer.write(encoder.encode(batch.join("")));
    batch = [];
  };
  try {
    for (const line of lines) {
      batch.push(line, "\n");
      if (batch.length >= 2 * BATCH_LINES) await flush();
    }
    await flush();
  } catch (error) {
    if (!hasReaderLeft(error)) throw error;
  } finally {
    writer.releaseLock();
  }
}
