import type { ScanCounters } from "../scan/report.ts";
import { formatCount } from "../text/mod.ts";
import { fitLine, LiveLine } from "./live_line.ts";
import { Speedometer } from "./speedometer.ts";
import type { Terminal } from "./terminal.ts";
import { formatBits, formatDuration, formatShare, formatShort } from "./units.ts";

/** What the live line shows. */
export interface ProgressView {
  readonly counters: ScanCounters;
  /** Both directions, over the last seconds. */
  readonly bitsPerSecond: number;
  /** Until the last probe; undefined while it can't be told. */
  readonly remainingMs: number | undefined;
}

/** From this width on there is room for whole words and numbers. */
const WIDE_COLUMNS = 120;

/**
 * One line about a scan that is under way, at most `columns` characters long: what matters least is left out first.
 */
export function formatProgress(view: ProgressView, columns = Infinity): string {
  const { counters } = view;
  const settled = counters.sent + counters.passedOver;
  const isSending = settled < counters.targets;
  const isNarrow = columns < WIDE_COLUMNS;
  const format = isNarrow ? formatShort : formatCount;
  return fitLine([
    [isSending ? formatShare(settled, counters.targets) : "sent all", 0],
    [`${format(counters.sent)} sent`, 5],
    [`${formatShort(counters.open)} open`, 3],
    [`${formatShort(counters.closed)} closed`, 2],
    [`${formatShort(counters.unreachable)} unreachable`, 1],
    [`${formatShort(counters.verified)} verified`, 4],
    [`${format(counters.certificates)} ${isNarrow ? "certs" : "certificates"}`, 8],
    [`${format(counters.uniqueCertificates)} unique`, 6],
    [formatBits(view.bitsPerSecond), 7],
    [remaining(view, isSending), 9],
  ], columns);
}

function remaining(view: ProgressView, isSending: boolean): string {
  if (!isSending) return "waiting for answers";
  if (view.remainingMs !== undefined) return `${formatDuration(view.remainingMs)} left`;
  return view.counters.sent > 0 ? "held back" : "starting";
}

/** The live view of a scan. Speeds come from the counters' own `elapsedMs`. */
export class Progress extends LiveLine {
  constructor(read: () => ScanCounters, terminal: Terminal) {
    const speedometer = new Speedometer();
    super((columns) => formatProgress(measure(speedometer, read()), columns), terminal);
  }
}

function measure(speedometer: Speedometer, counters: ScanCounters): ProgressView {
  const { targets, sent, passedOver, elapsedMs, bytesSent, bytesReceived } = counters;
  const { countPerSecond, bitsPerSecond } = speedometer.measure(sent, bytesSent + bytesReceived, elapsedMs);
  // Some are asked more than once.
  const left = Math.max(0, targets - sent - passedOver);
  const remainingMs = countPerSecond > 0 ? left / countPerSecond * 1000 : undefined;
  return { counters, bitsPerSecond, remainingMs };
}
