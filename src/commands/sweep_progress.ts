import { settledCount, type SweepCounters } from "../scan/sweep_report.ts";
import { formatCount } from "../text/mod.ts";
import { fitLine } from "./live_line.ts";
import { Speedometer } from "./speedometer.ts";
import { formatDuration, formatShare, formatShort } from "./units.ts";

/** What a sweep's live line shows. */
export interface SweepProgressView {
  readonly counters: SweepCounters;
  /** Probes, over the last seconds. */
  readonly sentPerSecond: number;
}

/** From this width on there is room for whole numbers. */
const WIDE_COLUMNS = 120;

/** One line about a sweep that is under way, at most `columns` characters long: what matters least goes first. */
export function formatSweepProgress(
  { counters, sentPerSecond }: SweepProgressView,
  columns = Infinity,
): string {
  const { targets, sent, repeated, open, closed, unreachable, receiveDrops, deferred } = counters;
  const format = columns < WIDE_COLUMNS ? formatShort : formatCount;
  const lost = receiveDrops + deferred;
  const settled = settledCount(counters);
  return fitLine([
    [settled < targets ? formatShare(settled, targets) : "sent all", 0],
    [`${format(sent + repeated)} sent`, 6],
    [`${formatShort(sentPerSecond)}/s`, 5],
    [`of ${formatShort(counters.rate)}/s`, 4],
    [`${format(open)} open`, 8],
    [`${formatShort(closed)} closed`, 3],
    [`${formatShort(unreachable)} unreachable`, 2],
    [`${formatShare(open, sent)} hits`, 1],
    // Worth more room than any success.
    ...(lost > 0 ? [[`${formatShort(lost)} answers lost`, 9] as const] : []),
    [stage(counters, sentPerSecond), 7],
  ], columns);
}

/** What the sweep is at. */
function stage(counters: SweepCounters, sentPerSecond: number): string {
  const { state, pass } = counters;
  const left = counters.targets - settledCount(counters);
  switch (state) {
    case "waiting":
      return "waiting for the link";
    case "done":
      return "done";
    case "cooling":
      return "waiting for answers";
    case "sending":
      if (pass > 0) return `asking again (${pass})`;
      if (left <= 0) return "waiting for answers";
      return sentPerSecond > 0 ? `${formatDuration(left / sentPerSecond * 1000)} left` : "starting";
  }
}

/** The live line of a sweep as a function of the width; speeds come from the counters' own `elapsedMs`. */
export function sweepProgress(read: () => SweepCounters): (columns: number) => string {
  const speedometer = new Speedometer();
  return (columns) => {
    const counters = read();
    const { sent, repeated, bytesSent, bytesReceived, elapsedMs } = counters;
    const speed = speedometer.measure(sent + repeated, bytesSent + bytesReceived, elapsedMs);
    return formatSweepProgress({ counters, sentPerSecond: speed.countPerSecond }, columns);
  };
}
