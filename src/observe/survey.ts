import { followLog, type TornEnd } from "./follow.ts";
import { NEWLINE } from "./line_cutter.ts";
import type { EndObservation, Observation, RunObservation } from "./observation.ts";
import { listSegments } from "./segment.ts";

/** How much there is of one type of record. */
export interface TypeCount {
  readonly records: number;
  readonly octets: number;
}

/** What a whole log holds. */
export interface LogSurvey {
  readonly segments: number;
  /** How many of them are compressed. */
  readonly compressed: number;
  /** The first record; undefined where the run was killed before it was written. */
  readonly run: RunObservation | undefined;
  /** How often the run was gone on with. */
  readonly resumptions: number;
  /** By type; with names that no margay writes beyond a number, those are counted together. */
  readonly types: ReadonlyMap<string, TypeCount>;
  /** Captures by outcome, in the same way. */
  readonly outcomes: ReadonlyMap<string, number>;
  readonly firstTime: string | undefined;
  readonly lastTime: string | undefined;
  /** How long its processes wrote, without the pauses between them. */
  readonly activeMs: number;
  /** Why it ended, if the last record says so. */
  readonly end: EndObservation["reason"] | undefined;
  readonly torn: TornEnd | undefined;
}

/** Distinct names that are counted apart: a log of a stranger's may have any number. */
const NAMES_MAX = 200;

/** Stands for all names beyond. */
const OTHERS = "(others)";

/**
 * Reads all of a log and counts.
 *
 * @throws {LogReadError} as {@linkcode followLog} does.
 */
export async function surveyLog(folder: string): Promise<LogSurvey> {
  const { count, plain } = await listSegments(folder);
  const counts = new Counts();
  let torn: TornEnd | undefined;
  for await (const { records, lines } of followLog(folder, { onTornEnd: (end) => torn = end })) {
    let start = 0;
    for (const record of records) {
      const end = lines.indexOf(NEWLINE, start) + 1;
      counts.add(record, end - start);
      start = end;
    }
  }
  return { segments: count, compressed: count - plain.size, ...counts.result(), torn };
}

class Counts {
  readonly #types = new Map<string, { records: number; octets: number }>();
  readonly #outcomes = new Map<string, number>();
  #run: RunObservation | undefined;
  #firstTime: string | undefined;
  #last: Observation | undefined;
  #resumptions = 0;
  #activeMs = 0;
  /** When the process that is being looked at began. */
  #processTime: string | undefined;

  add(record: Observation, octets: number): void {
    if (record.type === "run") this.#run ??= record;
    if (record.type === "resume") {
      this.#endProcess();
      this.#processTime = undefined;
      this.#resumptions += 1;
    }
    this.#firstTime ??= record.time;
    this.#processTime ??= record.time;
    this.#last = record;
    const type = nameWithin(this.#types, record.type);
    const count = this.#types.get(type);
    if (count) {
      count.records += 1;
      count.octets += octets;
    } else {
      this.#types.set(type, { records: 1, octets });
    }
    if (record.type === "tls") {
      const outcome = nameWithin(this.#outcomes, record.outcome);
      this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + 1);
    }
  }

  result(): Omit<LogSurvey, "segments" | "compressed" | "torn"> {
    this.#endProcess();
    return {
      run: this.#run,
      resumptions: this.#resumptions,
      types: this.#types,
      outcomes: this.#outcomes,
      firstTime: this.#firstTime,
      lastTime: this.#last?.time,
      activeMs: this.#activeMs,
      end: this.#last?.type === "end" ? this.#last.reason : undefined,
    };
  }

  #endProcess(): void {
    const elapsedMs = Date.parse(this.#last?.time ?? "") - Date.parse(this.#processTime ?? "");
    // A time that is none, or a clock that was set back, says nothing.
    if (elapsedMs > 0) this.#activeMs += elapsedMs;
  }
}

function nameWithin(names: ReadonlyMap<string, unknown>, name: string): string {
  return names.has(name) || names.size < NAMES_MAX ? name : OTHERS;
}
