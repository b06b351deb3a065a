import { clearInterval, setInterval } from "node:timers";
import type { Terminal } from "./terminal.ts";

const SEPARATOR = "  ";

/** A part of the line, and when it goes where room is short: 1 first, 0 never. */
export type LinePart = readonly [text: string, dropOrder: number];

/** Parts on one line of at most `columns` characters: what matters least is left out first. */
export function fitLine(parts: readonly LinePart[], columns: number): string {
  const kept = [...parts];
  for (let dropOrder = 1; lengthOf(kept) > columns && kept.length > 1; dropOrder += 1) {
    const index = kept.findIndex((part) => part[1] === dropOrder);
    if (index !== -1) kept.splice(index, 1);
  }
  return kept.map(([text]) => text).join(SEPARATOR).slice(0, columns);
}

function lengthOf(parts: readonly LinePart[]): number {
  return parts.reduce((length, [text]) => length + text.length + SEPARATOR.length, -SEPARATOR.length);
}

/** How often the line is rewritten on a terminal, and written elsewhere. */
const TERMINAL_INTERVAL_MS = 250;
const FILE_INTERVAL_MS = 5_000;

/** CR, then "erase to the end of the line" (ECMA-48, EL). */
const ERASE_LINE = "\r\x1b[K";

/**
 * The live view of something that goes on: one line that is rewritten where standard error is a terminal, a new line
 * every few seconds where it isn't.
 */
export class LiveLine {
  readonly #format: (columns: number) => string;
  readonly #terminal: Terminal;
  #timer: ReturnType<typeof setInterval> | undefined;
  #isDrawn = false;

  /** @param format The line as it is now, at most `columns` characters long. */
  constructor(format: (columns: number) => string, terminal: Terminal) {
    this.#format = format;
    this.#terminal = terminal;
  }

  /** Draws from now on, until {@linkcode stop}. Keeps no process alive. */
  start(): void {
    const interval = this.#terminal.columns === undefined ? FILE_INTERVAL_MS : TERMINAL_INTERVAL_MS;
    this.#timer = setInterval(() => this.draw(), interval).unref();
  }

  /** Draws now. */
  draw(): void {
    const columns = this.#terminal.columns;
    // A terminal that is filled to its last column moves on to the next line, and Ctrl-C echoes `^C` behind this one.
    const line = this.#format(columns === undefined ? Infinity : columns - 3);
    this.#terminal.write(columns === undefined ? `margay: ${line}\n` : ERASE_LINE + line);
    this.#isDrawn = columns !== undefined;
  }

  /** Writes lines that stay, above the live one. */
  print(...lines: readonly string[]): void {
    const erase = this.#isDrawn ? ERASE_LINE : "";
    this.#isDrawn = false;
    this.#terminal.write(erase + lines.map((line) => `${line}\n`).join(""));
  }

  /** Takes the live line away. */
  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    if (this.#isDrawn) this.#terminal.write(ERASE_LINE);
    this.#isDrawn = false;
  }
}
