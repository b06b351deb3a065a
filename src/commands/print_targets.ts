import { formatAddress } from "../targets/mod.ts";

/** Lines that are worth a system call. */
const BATCH_LINES = 4096;

/** Writes targets to standard output, one `ADDRESS:PORT` or `[ADDRESS]:PORT` a line: what a dry run prints. */
export async function printTargets(
  targets: Iterable<{ readonly address: bigint; readonly port: number }>,
): Promise<void> {
  const encoder = new TextEncoder();
  const writer = Deno.stdout.writable.getWriter();
  let lines: string[] = [];
  const flush = async () => {
    await writer.write(encoder.encode(lines.join("")));
    lines = [];
  };
  try {
    for (const { address, port } of targets) {
      const text = formatAddress(address);
      lines.push(text.includes(":") ? `[${text}]:${port}\n` : `${text}:${port}\n`);
      if (lines.length === BATCH_LINES) await flush();
    }
    await flush();
  } catch (error) {
    // Whoever reads the list through `head` has seen enough.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
