import { readlinkSync, statSync } from "node:fs";
import { GraphFileError } from "./graph_file_error.ts";

/**
 * Refuses a link that leads to no file. SQLite would make one at its end, where no lock stands beside it.
 *
 * @param action what cannot be done with the file: `open` or `write`.
 * @throws {GraphFileError} where there is such a link.
 */
export function checkLink(path: string, action: "open" | "write"): void {
  if (statSync(path, { throwIfNoEntry: false }) !== undefined) return;
  let end: string;
  try {
    end = readlinkSync(path);
  } catch {
    // There is nothing at all.
    return;
  }
  throw new GraphFileError(
    `Cannot ${action} ${path}: it is a link to ${end}, where there is no file; remove it, or name another file`,
  );
}
