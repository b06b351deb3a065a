import { clearInterval, setInterval } from "node:timers";
import { settledCount, type SweepCounters } from "../scan/sweep_report.ts";
import { writeOctetsSync } from "../text/mod.ts";

/** As ZMap 2 has them in the file of `--status-updates-file`. */
const COLUMNS: readonly string[] = [
  ...["real-time", "time-elapsed", "time-remaining", "percent-complete", "active-send-threads"],
  ...["sent-total", "sent-last-one-sec", "sent-avg-per-sec"],
  ...["recv-success-total", "recv-success-last-one-sec", "recv-success-avg-per-sec"],
  ...["recv-total", "recv-total-last-one-sec", "recv-total-avg-per-sec"],
  ...["pcap-drop-total", "drop-last-one-sec", "drop-avg-per-sec"],
  ...["sendto-fail-total", "sendto-fail-last-one-sec", "sendto-fail-avg-per-sec"],
];

/** The first line of the file. */
export const STATUS_HEADER = COLUMNS.join(",");

/**
 * One line of counters, in the columns of {@linkcode STATUS_HEADER}: local time as ZMap has it, seconds, percent,
 * numbers of frames.
 *
 * @param before the counters of the line before.
 */
export function formatStatus(counters: SweepCounters, before: SweepCounters | undefined, now: Date): string {
  const elapsedSeconds = counters.elapsedMs / 1000;
  const remainingSeconds = secondsLeft(counters);
  return [
    localTime(now),
    Math.floor(elapsedSeconds),
    Math.floor(remainingSeconds),
    (counters.state === "done" ? 100 : percent(elapsedSeconds, remainingSeconds)).toFixed(6),
    counters.state === "sending" || counters.state === "waiting" ? 1 : 0,
    ...[probesOf, ({ open }: SweepCounters) => open, answersOf, dropsOf, failuresOf].flatMap((totalOf) => {
      const total = totalOf(counters);
      const windowMs = counters.elapsedMs - (before?.elapsedMs ?? 0);
      return [
        total,
        perSecond(total - (before === undefined ? 0 : totalOf(before)), windowMs),
        perSecond(total, counters.elapsedMs),
      ];
    }),
  ].join(",");
}

function probesOf({ sent, repeated }: SweepCounters): number {
  return sent + repeated;
}

function answersOf({ open, closed, unreachable, duplicate, deferred }: SweepCounters): number {
  return open + closed + unreachable + duplicate + deferred;
}

function dropsOf({ receiveDrops }: SweepCounters): number {
  return receiveDrops;
}

function failuresOf({ sendShortfalls }: SweepCounters): number {
  return sendShortfalls;
}

function perSecond(count: number, milliseconds: number): number {
  return milliseconds <= 0 ? 0 : Math.round(count / milliseconds * 1000);
}

/** Until the last probe of the first pass, at the speed so far. */
function secondsLeft(counters: SweepCounters): number {
  const settled = settledCount(counters);
  return settled === 0 ? 0 : Math.max(0, counters.targets - settled) / settled * counters.elapsedMs / 1000;
}

function percent(elapsed: number, remaining: number): number {
  return elapsed + remaining === 0 ? 0 : 100 * elapsed / (elapsed + remaining);
}

function localTime(time: Date): string {
  const minutes = time.getTime() / 60_000 - time.getTimezoneOffset();
  return new Date(minutes * 60_000).toISOString().slice(0, "2026-01-31T23:59:59".length).replace("T", " ");
}

const INTERVAL_MS = 1_000;

/** The file of `--status`: a line each second, and one at the end. */
export class StatusFile {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  #read: (() => SweepCounters) | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #before: SweepCounters | undefined;
  #failure: Error | undefined;

  /** Opens the file; what it held is gone. */
  constructor(path: string) {
    this.#path = path;
    try {
      this.#file = Deno.openSync(path, { write: true, create: true, truncate: true });
    } catch (error) {
      throw statusError(path, error);
    }
    this.#line(STATUS_HEADER);
  }

  /** Writes what `read` gives from now on, until {@linkcode finish}. Keeps no process alive. */
  start(read: () => SweepCounters): void {
    this.#read = read;
    this.#timer = setInterval(() => this.#append(read()), INTERVAL_MS).unref();
  }

  /**
   * Writes the last line and releases.
   *
   * @throws when any line could not be written: a full disk is no reason to break the sweep off, but to say so.
   */
  finish(): void {
    if (this.#timer) clearInterval(this.#timer);
    if (this.#read) this.#append(this.#read());
    this.#file.close();
    if (this.#failure !== undefined) throw this.#failure;
  }

  #append(counters: SweepCounters): void {
    this.#line(formatStatus(counters, this.#before, new Date()));
    this.#before = counters;
  }

  #line(text: string): void {
    try {
      writeOctetsSync(this.#file, new TextEncoder().encode(`${text}\n`));
    } catch (error) {
      this.#failure ??= statusError(this.#path, error);
    }
  }
}

function statusError(path: string, error: unknown): Error {
  return new Error(`Cannot write the status to ${path}: ${(error as Error).message}`, { cause: error });
}
