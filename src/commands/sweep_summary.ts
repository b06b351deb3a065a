import { askedTargets } from "../scan/options.ts";
import type { SweepLimit } from "../scan/sweep_report.ts";

import { countTable, exclusionRow, formatAsked, formatSections } from "./sections.ts";
import { specialNotes } from "./special_notes.ts";
import type { SweepEnd, SweepFacts } from "./sweep_facts.ts";
import { formatBytes, formatCount, formatDuration, formatShare, plural } from "./units.ts";

/** What a limit that ended a sweep is called. */
const LIMITS: Readonly<Record<SweepLimit, string>> = {
  maxResults: "--max-results",
  maxRuntime: "--max-runtime",
  minHitRate: "--min-hitrate",
  linkTimeout: "--link-timeout",
};

/** What a person wants to know at the end of a sweep, as lines without line ends. */
export function formatSweepSummary(facts: SweepFacts, end: SweepEnd): string[] {
  const { options, loaded, plan } = facts;
  return [
    headline(end),
    ...formatSections([
      { label: "asked for", lines: [`${formatAsked(askedTargets(options))}: ${targets(end)}`] },
      { label: "left out", lines: countTable(loaded.exclusions.map(exclusionRow)) },
      { label: "sent", lines: [sent(end)] },
      { label: "answers", lines: answers(end) },
      { label: "results", lines: [results(facts, end)] },
      { label: "through", lines: [...plan.hops, ...plan.kernel].map(way) },
      { label: "ignored", lines: countTable(ignored(end).filter(([count]) => count > 0)) },
      { label: "lost", lines: countTable(lost(end).filter(([count]) => count > 0)) },
      { label: "note", lines: notes(facts, end) },
    ]),
  ];
}

function headline({ outcome, counters }: SweepEnd): string {
  const duration = formatDuration(counters.elapsedMs);
  switch (outcome.reason) {
    case "done":
      return `margay: swept in ${duration}`;
    case "limit":
      return `margay: stopped by ${LIMITS[outcome.limit]} after ${duration}`;
    case "interrupted":
    case "unread":
      return `margay: interrupted after ${duration}`;
    case "failed":
      return `margay: failed after ${duration}`;
  }
}

function targets({ counters }: SweepEnd): string {
  return plural(counters.targets, "target");
}

function sent({ counters }: SweepEnd): string {
  const { sent, repeated, targets, unrouted, bytesSent, bytesReceived, elapsedMs } = counters;
  const reachable = targets - unrouted;
  const probes = sent < reachable
    ? `${formatCount(sent)} of ${plural(reachable, "probe")}`
    : plural(sent, "probe");
  const again = repeated === 0 ? "" : ` and ${formatCount(repeated)} again`;
  const rate = Math.round((sent + repeated) / Math.max(elapsedMs, 1) * 1000);
  return `${probes}${again}, ${formatCount(rate)}/s, ${formatBytes(bytesSent)} out, ${
    formatBytes(bytesReceived)
  } in`;
}

function answers({ counters: { open, closed, unreachable, filtered, sent } }: SweepEnd): string[] {
  const rows: [number, string][] = [
    [open, `open (${formatShare(open, sent)} of the probes)`],
    [closed, "closed"],
    [unreachable, "unreachable"],
  ];
  if (filtered !== undefined) rows.push([filtered, "filtered"]);
  return countTable(rows);
}

function results({ options: { output, filter } }: SweepFacts, { results }: SweepEnd): string {
  const place = output === "-" ? "standard output" : output;
  return `${formatCount(results)} to ${place}${filter === undefined ? "" : `: ${filter}`}`;
}

function way({ targetCount, reason }: { readonly targetCount: number; readonly reason: string }): string {
  return `${plural(targetCount, "target")}: ${reason}`;
}

function ignored({ counters }: SweepEnd): [number, string][] {
  return [
    [counters.duplicate, "answers of targets that had answered"],
    [counters.forged, "answers to nothing that was sent"],
    [counters.outside, "answers from outside the targets"],
  ];
}

function lost({ counters }: SweepEnd): [number, string][] {
  return [
    [
      counters.receiveDrops,
      "frames dropped before they were read: give --receive-memory or --readers, or lower --rate",
    ],
    [counters.deferred, "answers put off for want of room: asked again with --retries"],
    [counters.sendShortfalls, "frames that the interface refused at first"],
    [counters.kernelResets, "resets sent by this host's kernel or firewall: it took answers for its own"],
  ];
}

function notes({ loaded, seed }: SweepFacts, { outcome, counters }: SweepEnd): string[] {
  const notes = specialNotes(loaded, "probed");
  if (counters.unrouted > 0) {
    notes.push(`not probed for want of a route: ${plural(counters.unrouted, "target")}`);
  }
  if (outcome.reason !== "done") notes.push(`to go on: --seed ${seed} --cursor ${outcome.cursor}`);
  return notes;
}
