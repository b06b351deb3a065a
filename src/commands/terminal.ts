import { printable, writeOctetsSync } from "../text/mod.ts";

/** Where progress and messages go. */
export interface Terminal {
  /** Its width in characters; undefined when it is a file or a pipe. Asked each time: windows are resized. */
  readonly columns: number | undefined;
  /** Never throws: a standard error that nobody reads any more is no reason to stop a scan. */
  write(text: string): void;
}

const encoder = new TextEncoder();

/** Standard error. */
export const standardError: Terminal = {
  get columns() {
    return Deno.stderr.isTerminal() ? consoleColumns() : undefined;
  },
  write(text) {
    try {
      writeOctetsSync(Deno.stderr, encoder.encode(text));
    } catch {
      // Nobody is left who could be told.
    }
  },
};

/** Says a sentence, in which there may be words of strangers, to the person. */
export function warn(sentence: string): void {
  standardError.write(`margay: ${printable(sentence)}\n`);
}

/** The width of the terminal that margay runs in; 80 when it doesn't say. */
export function consoleColumns(): number {
  try {
    return Deno.consoleSize().columns || 80;
  } catch {
    return 80;
  }
}
