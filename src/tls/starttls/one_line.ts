import { printable } from "../../text/mod.ts";

const LENGTH_MAX = 256;

/** A stranger's words on one line of at most 256 characters, fit for a terminal. Line ends become a space. */
export function oneLine(text: string): string {
  const line = printable(text.trim().slice(0, 2 * LENGTH_MAX).replace(/\s*\r?\n\s*/g, " "));
  return line.length <= LENGTH_MAX ? line : `${line.slice(0, LENGTH_MAX - 1)}…`;
}
