import { followLog, type FollowOptions } from "./follow.ts";
import type { Observation, RunObservation } from "./observation.ts";

/**
 * Reads the records of a run's folder in the order they were written, up to the log's present end.
 *
 * @throws {LogReadError} with file and line, when something stands there that no run writes.
 */
export async function* readLog(
  folder: string,
  options: Pick<FollowOptions, "onTornEnd"> = {},
): AsyncGenerator<Observation> {
  for await (const { records } of followLog(folder, options)) yield* records;
}

/**
 * Reads the first record of a log, which every one starts with. Undefined where it ends before that.
 *
 * @throws {LogReadError} as {@linkcode followLog} does.
 */
export async function readRun(
  folder: string,
  options: Pick<FollowOptions, "writerGone"> = {},
): Promise<RunObservation | undefined> {
  for await (const { records } of followLog(folder, options)) return records[0] as RunObservation;
  return undefined;
}
