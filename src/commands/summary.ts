import type { ScanReport } from "../scan/report.ts";
import { printable } from "./text.ts";
import { formatBits, formatBytes, formatCount, formatDuration, formatShare, plural } from "./units.ts";

/** A label and what stands beside it, one line each. */
interface Section {
  readonly label: string;
  readonly lines: readonly string[];
}

const LABEL_WIDTH = 13;

/** What a person wants to know at the end of a scan, as lines without line ends. */
export function formatSummary(report: ScanReport): string[] {
  const sections: Section[] = [
    { label: "asked for", lines: [asked(report)] },
    { label: "left out", lines: table(report.exclusions.map(exclusion)) },
    { label: "sent", lines: sent(report) },
    { label: "answers", lines: answers(report) },
    { label: "transport", lines: report.transports.map(transport) },
    { label: "captures", lines: captures(report) },
    { label: "certificates", lines: certificates(report) },
    { label: "dropped", lines: dropped(report) },
    { label: "log", lines: report.log === undefined ? [] : [report.log] },
    { label: "note", lines: report.notes },
  ];
  return [headline(report), ...sections.flatMap(formatSection)];
}

function formatSection({ label, lines }: Section): string[] {
  return lines.map((line, index) => `  ${(index === 0 ? label : "").padEnd(LABEL_WIDTH)}${printable(line)}`);
}

function headline({ runId, outcome, counters }: ScanReport): string {
  const words = { done: "done in", interrupted: "interrupted after", failed: "failed after" }[outcome];
  return `margay: run ${runId} ${words} ${formatDuration(counters.elapsedMs)}`;
}

/** Targets typed beyond this many are only counted. */
const ASKED_SHOWN = 4;

function asked({ asked, counters }: ScanReport): string {
  const more = asked.length > ASKED_SHOWN ? ` and ${formatCount(asked.length - ASKED_SHOWN)} more` : "";
  const names = asked.slice(0, ASKED_SHOWN).join(" ") + more;
  return `${names}: ${plural(counters.targets, "target")}`;
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

function answers({ counters, outcome }: ScanReport): string[] {
  const { open, closed, unreachable, verified, targets } = counters;
  const silent = targets - open - closed - unreachable;
  const rows: [number, string][] = [
    [open, `open (${formatShare(open, targets)} of the targets), ${formatCount(verified)} of them verified`],
    [closed, "closed"],
    [unreachable, "unreachable"],
  ];
  // Of a scan that was cut short, by a limit too, it isn't known who would have kept silent.
  if (outcome === "done" && counters.sent >= counters.targets) rows.push([silent, "filtered"]);
  return table(rows);
}

function exclusion({ kind, reason, targetCount }: ScanReport["exclusions"][number]): [bigint, string] {
  return [targetCount, `by ${kind === "special" ? "special purpose" : "blocklist"}: ${reason}`];
}

function transport({ name, targets, reason }: ScanReport["transports"][number]): string {
  return `${name} for ${plural(targets, "target")}: ${reason}`;
}

function captures({ counters }: ScanReport): string[] {
  const rows = Object.entries(counters.captures)
    .filter(([, count]) => count > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([outcome, count]): [number, string] => [count, outcome]);
  return table(rows);
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
  return table(rows.filter(([count]) => count > 0));
}

/** Counts, aligned right, and what they count. */
function table(rows: readonly (readonly [count: number | bigint, text: string])[]): string[] {
  const width = Math.max(0, ...rows.map(([count]) => formatCount(count).length));
  return rows.map(([count, text]) => `${formatCount(count).padStart(width)} ${text}`);
}
