import { clearInterval, setInterval } from "node:timers";
import type { ScanCounters } from "../scan/report.ts";
import type { Terminal } from "./terminal.ts";
import { formatBits, formatCount, formatDuration, formatShare, formatShort } from "./units.ts";

/** What the live line shows. */
export interface ProgressView {
  readonly counters: ScanCounters;
  /** Both directions, over the last seconds. */
  readonly bitsPerSecond: number;
  /** Until the last probe; undefined while it can't be told. */
  readonly remainingMs: number | undefined;
}

const SEPARATOR = "  ";

/** From this width on there is room for whole words and numbers. */
const WIDE_COLUMNS = 120;

/**
 * One line about a scan that is under way, at most `columns` characters long: what matters least is left out first.
 */
export function formatProgress(view: ProgressView, columns = Infinity): string {
  const { counters } = view;
  const isSending = counters.sent < counters.targets;
  const isNarrow = columns < WIDE_COLUMNS;
  const format = isNarrow ? formatShort : formatCount;
  // The number is the order in which parts go when room is short; 0 stays.
  const parts: [text: string, dropOrder: number][] = [
    [isSending ? formatShare(counters.sent, counters.targets) : "sent all", 0],
    [`${format(counters.sent)} sent`, 5],
    [`${formatShort(counters.open)} open`, 3],
    [`${formatShort(counters.closed)} closed`, 2],
    [`${formatShort(counters.unreachable)} unreachable`, 1],
    [`${formatShort(counters.verified)} verified`, 4],
    [`${format(counters.certificates)} ${isNarrow ? "certs" : "certificates"}`, 8],
    [`${format(counters.uniqueCertificates)} unique`, 6],
    [formatBits(view.bitsPerSecond), 7],
    [remaining(view, isSending), 9],
  ];
  for (let dropOrder = 1; lengthOf(parts) > columns && parts.length > 1; dropOrder += 1) {
    const index = parts.findIndex((part) => part[1] === dropOrder);
    if (index !== -1) parts.splice(index, 1);
  }
  return parts.map(([text]) => text).join(SEPARATOR).slice(0, columns);
}

function remaining(view: ProgressView, isSending: boolean): string {
  if (!isSending) return "waiting for answers";
  return view.remainingMs === undefined ? "starting" : `${formatDuration(view.remainingMs)} left`;
}

function lengthOf(parts: readonly [text: string, dropOrder: number][]): number {
  return parts.reduce((length, [text]) => length + text.length + SEPARATOR.length, -SEPARATOR.length);
}

/** How often the line is rewritten on a terminal, and written elsewhere. */
const TERMINAL_INTERVAL_MS = 250;
const FILE_INTERVAL_MS = 5_000;

/** Over how long speeds are measured. */
const WINDOW_MS = 3_000;

/** CR, then "erase to the end of the line" (ECMA-48, EL). */
const ERASE_LINE = "\r\x1b[K";

interface Sample {
  readonly sent: number;
  readonly bytes: number;
  readonly elapsedMs: number;
}

/**
 * The live view of a scan: one line that is rewritten where standard error is a terminal, a new line every few seconds
 * where it isn't. Speeds come from the counters' own `elapsedMs`.
 */
export class Progress {
  readonly #read: () => ScanCounters;
  readonly #terminal: Terminal;
  #samples: Sample[] = [];
  #timer: ReturnType<typeof setInterval> | undefined;
  #isDrawn = false;

  constructor(read: () => ScanCounters, terminal: Terminal) {
    this.#read = read;
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
    const line = formatProgress(this.#measure(), columns === undefined ? Infinity : columns - 3);
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

  #measure(): ProgressView {
    const counters = this.#read();
    const { sent, elapsedMs, bytesSent, bytesReceived } = counters;
    const bytes = bytesSent + bytesReceived;
    this.#samples.push({ sent, bytes, elapsedMs });
    while (this.#samples.length > 2 && this.#samples[1]!.elapsedMs <= elapsedMs - WINDOW_MS) {
      this.#samples.shift();
    }
    // The first view has only the scan's start to compare with.
    const oldest = this.#samples.length > 1 ? this.#samples[0]! : { sent: 0, bytes: 0, elapsedMs: 0 };
    const windowMs = Math.max(1, elapsedMs - oldest.elapsedMs);
    const sentPerMs = (sent - oldest.sent) / windowMs;
    return {
      counters,
      bitsPerSecond: (bytes - oldest.bytes) * 8 / windowMs * 1000,
      remainingMs: sentPerMs > 0 ? (counters.targets - sent) / sentPerMs : undefined,
    };
  }
}
