import { askedTargets } from "../scan/options.ts";
import type { SweepLimit } from "../scan/sweep_report.ts";
import { TARGET_COUNT_MAX } from "../targets/mod.ts";
import { formatCount, plural } from "../text/mod.ts";
import { countTable, exclusionRow, formatAsked, formatSections } from "./sections.ts";
import { targetNotes } from "./target_notes.ts";
import type { SweepEnd, SweepFacts } from "./sweep_facts.ts";
import { formatBytes, formatDuration, formatShare } from "./units.ts";

/** What a limit that ended a sweep is called. */
const LIMITS: Readonly<Record<SweepLimit, string>> = {
  maxResults: "--max-results",
  maxRuntime: "--max-runtime",
  minHitRate: "--min-hitrate",
  linkTimeout: "--link-timeout",
};

/** What a person wants to know at the end of a sweep, as lines without line ends. */
export function formatSweepSummary(facts: SweepFacts, end: SweepEnd): string[] {
  const { options, loaded } = facts;
  return [
    headline(end),
    ...formatSections([
      { label: "asked for", lines: [`${formatAsked(askedTargets(options))}: ${targets(end)}`] },
      { label: "left out", lines: countTable(loaded.exclusions.map(exclusionRow)) },
      { label: "sent", lines: [sent(end)] },
      { label: "answers", lines: answers(end) },
      { label: "results", lines: [results(facts, end)] },
      { label: "through", lines: ways(facts, end) },
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

function sent({ outcome, counters }: SweepEnd): string {
  const { sent, repeated, targets, unrouted, unresolved, bytesSent, bytesReceived, elapsedMs } = counters;
  const reachable = targets - unrouted - unresolved;
  // What is done has asked all, even where a shard's or a resumed sweep's part is only about known.
  const probes = outcome.reason !== "done" && sent < reachable
    ? `${formatCount(sent)} of ${plural(reachable, "probe")}`
    : plural(sent, "probe");
  const again = repeated === 0 ? "" : ` and ${formatCount(repeated)} again`;
  const rate = Math.round((sent + repeated) / Math.max(elapsedMs, 1) * 1000);
  const passedOver = unresolved === 0
    ? ""
    : `; ${plural(unresolved, "target")} ${unresolved === 1 ? "has" : "have"} no neighbour that answers`;
  return `${probes}${again}, ${formatCount(rate)}/s, ${formatBytes(bytesSent)} out, ${
    formatBytes(bytesReceived)
  } in${passedOver}`;
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

/** With their targets where all of them were to be probed: how many of a part go which way is not known. */
function ways({ plan, loaded, options }: SweepFacts, { counters }: SweepEnd): string[] {
  const isWhole = options.cursor === 0n && counters.targets === Number(loaded.targetSet.count);
  return [
    ...plan.hops,
    ...plan.kernel.map(({ targetCount, reason }) => ({
      targetCount,
      reason: `the kernel's sockets: ${reason}`,
    })),
  ].map(({ targetCount, reason }) => isWhole ? `${plural(targetCount, "target")}: ${reason}` : reason);
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
  ];
}

function notes(facts: SweepFacts, end: SweepEnd): string[] {
  const { loaded } = facts;
  const { counters } = end;
  const notes = targetNotes(loaded, "probed");
  if (counters.unrouted > 0) {
    notes.push(`not probed for want of a route: ${plural(counters.unrouted, "target")}`);
  }
  if (counters.kernelResets > 0) {
    notes.push(
      `this host's kernel or firewall answered targets with ${plural(counters.kernelResets, "reset")}: ` +
        "something here rejects what comes to the source ports; see: nft list ruleset, iptables-save",
    );
  }
  return [...notes, ...wayToGoOn(facts, end)];
}

function wayToGoOn({ options, loaded, seed }: SweepFacts, { outcome, counters }: SweepEnd): string[] {
  const { reason, cursor } = outcome;
  if (reason === "done" || cursor === undefined) return [];
  const way = `to go on: --seed ${seed} --cursor ${cursor}`;
  const { maxTargets, sample, shard } = options;
  // Of what is too large to walk, the limit says what is drawn: it stays as it is.
  const isDrawn = sample === undefined && loaded.targetSet.count > TARGET_COUNT_MAX;
  if (maxTargets === undefined || isDrawn) return [way];
  // A limit is for all shards together.
  const rest = Math.max(0, counters.targets - counters.concluded) * shard.count;
  return rest === 0 ? [] : [`${way} -n ${rest}`];
}
