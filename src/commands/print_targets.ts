import { formatAddress, formatEndpoint } from "../targets/mod.ts";
import { printLines } from "./print_lines.ts";

/** Writes targets to standard output, one `ADDRESS:PORT` or `[ADDRESS]:PORT` a line: what a dry run prints. */
export async function printTargets(
  targets: Iterable<{ readonly address: bigint; readonly port: number }>,
): Promise<void> {
  await printLines(targetLines(targets));
}

function* targetLines(
  targets: Iterable<{ readonly address: bigint; readonly port: number }>,
): Iterable<string> {
  for (const { address, port } of targets) yield formatEndpoint(formatAddress(address), port);
}
