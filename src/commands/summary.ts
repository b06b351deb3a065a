import type { ScanReport } from "../scan/report.ts";
import { formatCount, plural } from "../text/mod.ts";
import { countTable, exclusionRow, formatAsked, formatSections, type Section } from "./sections.ts";
import { formatBits, formatBytes, formatDuration, formatShare } from "./units.ts";

/** What a person wants to know at the end of a scan, as lines without line ends. */
export function formatSummary(report: ScanReport): string[] {
  const sections: Section[] = [
    { label: "asked for", lines: [asked(report)] },
    { label: "left out", lines: countTable(report.exclusions.map(exclusionRow)) },
    { label: "sent", lines: sent(report) },
    { label: "answers", lines: answers(report) },
    { label: "transport", lines: report.transports.map(transport) },
    { label: "captures", lines: byName(report.counters.captures) },
    { label: "certificates", lines: certificates(report) },
    { label: "trust", lines: byName(report.counters.verifications) },
    { label: "sessions", lines: byName(report.counters.sessions) },
    { label: "dropped", lines: dropped(report) },
    { label: "log", lines: report.log === undefined ? [] : [report.log] },
    { label: "graph", lines: graph(report) },
    { label: "note", lines: report.notes },
    { label: "to go on", lines: wayToGoOn(report) },
  ];
  return [headline(report), ...formatSections(sections)];
}

function headline({ runId, outcome, counters }: ScanReport): string {
  const words = {
    done: "done in",
    limit: "stopped by --max-runtime after",
    interrupted: "interrupted after",
    failed: "failed after",
  }[outcome];
  return `margay: run ${runId} ${words} ${formatDuration(counters.elapsedMs)}`;
}

function asked({ asked, counters }: ScanReport): string {
  return `${formatAsked(asked)}: ${plural(counters.targets, "target")}`;
}

function sent({ counters }: ScanReport): string[] {
  const seconds = Math.max(counters.elapsedMs, 1) / 1000;
  const bits = (counters.bytesSent + counters.bytesReceived) * 8 / seconds;
  const probes = counters.sent < counters.targets
    ? `${formatCount(counters.sent)} of ${plural(counters.targets, "probe")}`
    : plural(counters.sent, "probe");
  return [
    `${probes}, ${formatBytes(counters.bytesSent)} out, ${formatBytes(counters.bytesReceived)} in, ` +
    `${formatBits(bits)} on average`,
  ];
}

function answers({ counters, outcome, isResumed }: ScanReport): string[] {
  const { open, closed, unreachable, verified, targets } = counters;
  const silent = targets - open - closed - unreachable;
  const rows: [number, string][] = [
    [open, `open (${formatShare(open, targets)} of the targets), ${formatCount(verified)} of them verified`],
    [closed, "closed"],
    [unreachable, "unreachable"],
  ];
  // Of a scan that was cut short, by a limit too, it isn't known who would have kept silent.
  const isWhole = counters.sent + counters.passedOver >= targets;
  if (outcome === "done" && isWhole && !isResumed) rows.push([silent, "filtered"]);
  return countTable(rows);
}

function transport({ name, targets, reason }: ScanReport["transports"][number]): string {
  return `${name} for ${plural(targets, "target")}: ${reason}`;
}

function graph(report: ScanReport): string[] {
  if (report.graph === undefined) return [];
  const { path, end, history } = report.graph;
  const fault = graphFault(report);
  if (fault !== undefined) return [`not complete: ${fault.reason}`, fault.wayOut];
  if (end.state === "behind") return [`${path}, which goes on being built in the background`];
  return history === undefined ? [path] : [path, `${history} since the runs before`];
}

/** Why the graph is not complete; undefined when it is or will be. */
export function graphFault({ log, graph }: ScanReport): { reason: string; wayOut: string } | undefined {
  if (log === undefined || graph?.end.state !== "failed" && graph?.end.state !== "killed") return undefined;
  const { path, end, asDatabase } = graph;
  const options = ["--graph", path, ...asDatabase === undefined ? [] : ["--asn-db", asDatabase]];
  return {
    reason: end.state === "failed" ? end.reason : "its builder was killed",
    wayOut: `margay graph build ${[log, ...options].map(shellWord).join(" ")} completes it from the log`,
  };
}

/** What came most comes first. */
function byName(counts: Readonly<Record<string, number>>): string[] {
  const rows = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]): [number, string] => [count, name]);
  return countTable(rows);
}

function certificates({ counters }: ScanReport): string[] {
  return [
    `${formatCount(counters.certificates)} received, ${formatCount(counters.uniqueCertificates)} different`,
  ];
}

function dropped({ counters }: ScanReport): string[] {
  const rows: [number, string][] = [
    [counters.sendDrops, "frames refused by the interface: lower --rate"],
    [counters.receiveDrops, "frames lost before they were read: some answers are missing"],
  ];
  return countTable(rows.filter(([count]) => count > 0));
}

function wayToGoOn({ resumable }: ScanReport): string[] {
  if (resumable === undefined) return [];
  return [`margay scan --resume ${shellWord(resumable)}`];
}

/** A word as a shell takes it. */
function shellWord(word: string): string {
  return /^[\w./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
