import { type LogSurvey, surveyLog } from "../observe/mod.ts";
import { formatCount, plural, printable } from "../text/mod.ts";
import { ExitCode } from "./exit_code.ts";
import type { LogStatsOptions } from "./log_options.ts";
import { LOG_STATES, logState, segmentLine, tornLines } from "./log_state.ts";
import { printLines } from "./print_lines.ts";
import { formatSections } from "./sections.ts";
import { numbers, tableLines, words } from "./table.ts";
import { formatBytes, formatDuration, formatShare } from "./units.ts";

/** `margay log stats`. */
export async function runLogStats({ folder, json }: LogStatsOptions): Promise<number> {
  const survey = await surveyLog(folder);
  await printLines(json ? [JSON.stringify(statsFields(survey))] : formatStats(survey));
  return ExitCode.done;
}

/** What is counted of everything. */
function totals({ types, outcomes, activeMs }: LogSurvey) {
  const counts = [...types.values()];
  const records = counts.reduce((sum, count) => sum + count.records, 0);
  const octets = counts.reduce((sum, count) => sum + count.octets, 0);
  const captures = [...outcomes.values()].reduce((sum, count) => sum + count, 0);
  const hosts = types.get("host")?.records ?? 0;
  const certificates = types.get("certificate")?.records ?? 0;
  /** Undefined where no time has passed. */
  const perSecond = (count: number) => activeMs === 0 ? undefined : count * 1000 / activeMs;
  return { records, octets, captures, hosts, certificates, perSecond };
}

function statsFields(survey: LogSurvey) {
  const { records, octets, captures, hosts, certificates, perSecond } = totals(survey);
  const rate = (count: number) => perSecond(count) ?? null;
  return {
    run: survey.run?.id ?? null,
    margay_version: survey.run?.margay_version ?? null,
    state: logState(survey),
    torn_octets: survey.torn?.octets ?? 0,
    segments: survey.segments,
    compressed_segments: survey.compressed,
    resumptions: survey.resumptions,
    first_time: survey.firstTime ?? null,
    last_time: survey.lastTime ?? null,
    duration_ms: survey.activeMs,
    records,
    octets,
    types: Object.fromEntries(survey.types),
    hosts,
    captures,
    outcomes: Object.fromEntries(survey.outcomes),
    certificates,
    records_per_second: rate(records),
    octets_per_second: rate(octets),
    hosts_per_second: rate(hosts),
    captures_per_second: rate(captures),
  };
}

function formatStats(survey: LogSurvey): string[] {
  const { run, types, outcomes, resumptions, firstTime, lastTime, activeMs } = survey;
  const { records, octets, captures, hosts, certificates, perSecond } = totals(survey);
  const withRate = (count: number) => {
    const rate = perSecond(count);
    return formatCount(count) + (rate === undefined ? "" : `, ${formatCount(Math.round(rate))}/s`);
  };
  const typeRows = [...types].sort(([, a], [, b]) => b.octets - a.octets).map(([type, count]) => [
    formatCount(count.records),
    formatBytes(count.octets),
    formatShare(count.octets, octets),
    type,
  ]);
  const outcomeRows = [...outcomes].sort(([, a], [, b]) => b - a).map(([outcome, count]) => [
    formatCount(count),
    formatShare(count, captures),
    outcome,
  ]);
  return [
    `run ${printable(run?.id ?? "unknown")}: ${LOG_STATES[logState(survey)]}`,
    ...formatSections([
      { label: "files", lines: [segmentLine(survey), ...tornLines(survey)] },
      { label: "time", lines: firstTime === undefined ? [] : [`${firstTime} to ${lastTime}`] },
      {
        label: "duration",
        lines: [
          formatDuration(activeMs) + (resumptions > 0 ? `, resumed ${plural(resumptions, "time")}` : ""),
        ],
      },
      { label: "hosts", lines: [withRate(hosts)] },
      { label: "captures", lines: [withRate(captures)] },
      { label: "certificates", lines: [`${formatCount(certificates)} different`] },
    ]),
    "",
    ...tableLines([numbers("records"), numbers("octets"), numbers("share"), words("type")], [
      ...typeRows,
      [formatCount(records), formatBytes(octets), formatShare(octets, octets), "all"],
    ]),
    ...(outcomeRows.length === 0
      ? []
      : ["", ...tableLines([numbers("captures"), numbers("share"), words("outcome")], outcomeRows)]),
  ];
}
