import { LogReadError, type LogSurvey, surveyLog } from "../observe/mod.ts";
import { formatCount, printable } from "../text/mod.ts";
import { ExitCode } from "./exit_code.ts";
import type { LogCheckOptions } from "./log_options.ts";
import { LOG_STATES, logState, segmentLine, tornLines } from "./log_state.ts";
import { printLines } from "./print_lines.ts";
import { formatSections } from "./sections.ts";

/** `margay log check`: each log is told of, also behind one that cannot be read. */
export async function runLogCheck({ folders }: LogCheckOptions): Promise<number> {
  let exitCode: number = ExitCode.done;
  for (const folder of folders) {
    try {
      const survey = await surveyLog(folder);
      if (logState(survey) === "empty") exitCode = ExitCode.failed;
      await printLines(describe(folder, survey));
    } catch (error) {
      if (!(error instanceof LogReadError)) throw error;
      exitCode = ExitCode.failed;
      await printLines([
        `${printable(folder)}: unreadable`,
        ...formatSections([{ label: "cause", lines: [error.message] }]),
      ]);
    }
  }
  return exitCode;
}

function describe(folder: string, survey: LogSurvey): string[] {
  const { types, firstTime, lastTime } = survey;
  const records = [...types.values()].reduce((sum, count) => sum + count.records, 0);
  return [
    `${printable(folder)}: ${LOG_STATES[logState(survey)]}`,
    ...formatSections([
      { label: "files", lines: [segmentLine(survey)] },
      { label: "records", lines: [formatCount(records)] },
      { label: "checkpoints", lines: [formatCount(types.get("checkpoint")?.records ?? 0)] },
      { label: "first", lines: firstTime === undefined ? [] : [firstTime] },
      { label: "last", lines: lastTime === undefined ? [] : [lastTime] },
      { label: "torn", lines: tornLines(survey) },
    ]),
  ];
}
