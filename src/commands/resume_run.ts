import {
  type LogOptions,
  LogWriter,
  type Observation,
  readRun,
  type RunObservation,
  type TornEnd,
} from "../observe/mod.ts";
import { UsageError } from "../scan/errors.ts";
import { isVisitWhole, RunFold, type RunState, type ScanOptions } from "../scan/mod.ts";
import { askedTargets } from "../scan/options.ts";
import { type LoadedTargets, type ResolveName, resolveName } from "../targets/mod.ts";
import { formatCount } from "../text/mod.ts";
import { resumedOptions } from "./resumed_options.ts";
import type { GivenOptions } from "./scan_options.ts";

/** A run to be gone on with. */
export interface ResumedRun {
  readonly runId: string;
  readonly seed: number;
  readonly options: ScanOptions & { readonly output: string };
  readonly log: LogWriter;
  /** What was cut off behind the last line of the log. */
  readonly repair: TornEnd | undefined;
  /** Whether nothing is left to be done. */
  readonly isDone: boolean;
  /** Host names resolve to what they did when the run began. */
  readonly resolveName: ResolveName;
  /**
   * Where the run stands.
   *
   * @throws {UsageError} when the targets that were loaded are not those of the run.
   */
  stateFor(loaded: LoadedTargets): RunState;
}

/**
 * Opens a run's log and reads how the run stands. `given` is what the command line says besides.
 *
 * @throws {UsageError} when that contradicts the run, or there is no run that could be gone on with.
 * @throws {LogReadError} when the log is none, damaged, or a newer margay's.
 * @throws {LogWriteError} when another process writes it.
 */
export async function resumeRun(
  folder: string,
  given: GivenOptions,
  logOptions: (options: ScanOptions) => LogOptions,
): Promise<ResumedRun> {
  const run = await beginningOf(folder);
  const options = { ...resumedOptions(folder, run, given), output: folder };
  const fold = new RunFold();
  const onRecords = (records: readonly Observation[]) => {
    for (const record of records) fold.take(record);
  };
  const { log, repair } = await LogWriter.reopen(folder, { ...logOptions(options), onRecords });
  return {
    runId: run.id,
    seed: run.seed,
    options,
    log,
    repair,
    isDone: fold.isDone,
    resolveName: async (name, family) => fold.names.get(name) ?? await resolveName(name, family),
    stateFor(loaded) {
      requireSameTargets(folder, run, options, loaded);
      return fold.finish(({ address, port }, names) =>
        isVisitWhole(options, loaded.targetSet.serverNames(address, port), names)
      );
    },
  };
}

async function beginningOf(folder: string): Promise<RunObservation> {
  const isFile = await Deno.stat(folder).then((found) => found.isFile, () => false);
  if (isFile) {
    throw new UsageError(
      `Cannot resume ${folder}: it is a file; only a run's folder says how far it came, not --format zgrab2`,
    );
  }
  const run = await readRun(folder);
  if (run !== undefined) return run;
  throw new UsageError(
    `Cannot resume ${folder}: its run ended before it began, and nothing was sent; start it again with another folder`,
  );
}

function requireSameTargets(
  folder: string,
  run: RunObservation,
  options: ScanOptions,
  { targetSet }: LoadedTargets,
): void {
  const isSame = run.target_digest === undefined
    ? run.targets === Number(targetSet.count)
    : run.target_digest === targetSet.digest();
  if (isSame) return;
  const [then, now] = [run.targets, targetSet.count].map(formatCount);
  const counts = then === now ? `${now} as then, but others` : `${then} then, ${now} now`;
  const places = askedTargets(options).includes("-") ? "files and standard input" : "files";
  throw new UsageError(
    `Cannot resume ${folder}: the targets are not those of the run: ${counts}; ` +
      `let ${places} hold again what they held, or start another scan`,
  );
}
