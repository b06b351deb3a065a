import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { hexadecimal } from "../../text/mod.ts";
import { GraphFileError } from "./graph_file_error.ts";

/** What a rollback journal ends in that was made for several databases at once ("Database File Format", 3). */
const MAGIC = "d9d505f920a163d7";

/**
 * Refuses a file with a journal that names another one: whoever opens such a file to write has SQLite undo what the
 * journal says was begun, and then delete the file that it names, wherever that is. No builder makes one.
 *
 * @throws {GraphFileError} where there is such a journal.
 */
export function checkJournal(file: string): void {
  const journal = `${file}-journal`;
  if (lastOctets(journal, MAGIC.length / 2) !== MAGIC) return;
  throw new GraphFileError(`Cannot write ${file}: ${journal} is not of a graph; remove it`);
}

/** In hexadecimal; empty where there is no such file. */
function lastOctets(path: string, count: number): string {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    return "";
  }
  try {
    const octets = new Uint8Array(count);
    readSync(file, octets, 0, count, Math.max(0, fstatSync(file).size - count));
    return hexadecimal(octets);
  } finally {
    closeSync(file);
  }
}
