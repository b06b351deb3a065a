import {
  createRunId,
  FileSink,
  type JsonValue,
  LOG_VERSION,
  type LogOptions,
  LogWriter,
  type ObservationSink,
  StreamSink,
  timestamp,
} from "../observe/mod.ts";
import {
  inSendingOrder,
  planSweep,
  type RunState,
  Scan,
  type ScanOptions,
  type SweepPlan,
  thisMachine,
} from "../scan/mod.ts";
import { type LoadedTargets, resolveName } from "../targets/mod.ts";
import { ExitCode } from "./exit_code.ts";
import { unlessInterrupted, withInterruption } from "./interruption.ts";
import { loadAsked } from "./load_asked.ts";
import { loadTrust } from "./load_trust.ts";
import { printTargets } from "./print_targets.ts";
import { requireReceiveMemory } from "./receive_memory.ts";
import { recordedOptions } from "./recorded_options.ts";
import { type ResumedRun, resumeRun } from "./resume_run.ts";
import type { GivenOptions } from "./scan_options.ts";
import { ScanGraph } from "./scan_graph.ts";
import { runScan } from "./scan_run.ts";
import { randomSeed } from "./seed.ts";
import { warn } from "./terminal.ts";
import { showsSummary, showsWarnings } from "./verbosity.ts";
import { VERSION } from "./version.ts";

/** `margay scan`: resolves to the exit code; throws what `main.ts` turns into a message. */
export function runScanCommand(options: ScanOptions): Promise<number> {
  return withInterruption((signal) => scanUntil(signal, options));
}

/** `margay scan --resume FOLDER`: the same. `given` is what stands beside it. */
export function runResumeCommand(folder: string, given: GivenOptions): Promise<number> {
  return withInterruption((signal) => resumeUntil(signal, folder, given));
}

async function scanUntil(signal: AbortSignal, given: ScanOptions): Promise<number> {
  const runId = createRunId();
  const output = given.output ?? (given.format === "log" ? `margay-${runId}` : "-");
  const options = { ...given, output };
  const names = new Map<string, readonly string[]>();
  const loaded = await loadAsked(options, signal, async (name, family) => {
    const addresses = await resolveName(name, family);
    names.set(name, addresses);
    return addresses;
  });
  const seed = options.seed ?? randomSeed();
  if (options.dryRun) {
    await unlessInterrupted(signal, printTargets(inSendingOrder(loaded.targetSet, options, BigInt(seed))));
    return ExitCode.done;
  }
  const ready = await makeReady(options, loaded, signal);
  const sink = await createSink(options);
  const log = sink instanceof LogWriter ? sink : undefined;
  let scan: Scan;
  let graph: ScanGraph | undefined;
  try {
    scan = await prepare({ ...ready, seed, sink, log }, signal);
    graph = await startGraph(options, log, signal);
  } catch (error) {
    await sink.discard();
    throw error;
  }
  try {
    if (options.format === "log") recordStart({ runId, options, seed, loaded, names }, sink);
    return await runScan(
      scan,
      { runId, isResumed: false, options, plan: ready.plan, loaded, sink, log, graph },
      signal,
    );
  } finally {
    await sink.close();
  }
}

async function resumeUntil(signal: AbortSignal, folder: string, given: GivenOptions): Promise<number> {
  const run = await unlessInterrupted(signal, resumeRun(folder, given, logOptions));
  const { log, runId, options } = run;
  try {
    if (run.isDone) {
      if (showsSummary(options)) {
        warn(`run ${runId} is done: there is nothing to resume`);
      }
      return ExitCode.done;
    }
    const loaded = await loadAsked(options, signal, run.resolveName);
    const before = run.stateFor(loaded);
    const ready = await makeReady(options, loaded, signal);
    const scan = await prepare({ ...ready, seed: run.seed, sink: log, log, before }, signal);
    const graph = await startGraph(options, log, signal);
    recordResumption(run, before);
    return await runScan(
      scan,
      { runId, isResumed: true, options, plan: ready.plan, loaded, sink: log, log, graph },
      signal,
    );
  } finally {
    await log.close();
  }
}

type Ready = Awaited<ReturnType<typeof makeReady>>;

/** Everything that a scan needs before anything is written or reserved. */
async function makeReady(
  options: ScanOptions & { readonly output: string },
  loaded: LoadedTargets,
  signal: AbortSignal,
) {
  requireReceiveMemory(options);
  const plan: SweepPlan = planSweep(loaded.targetSet, options, thisMachine());
  if (showsWarnings(options)) plan.notes.forEach(warn);
  const trust = await unlessInterrupted(signal, loadTrust(options));
  return { options, targets: loaded.targetSet, plan, trust };
}

interface Prepared extends Ready {
  readonly seed: number;
  readonly sink: ObservationSink;
  readonly log: LogWriter | undefined;
  readonly before?: RunState;
}

function prepare({ seed, log, ...setup }: Prepared, signal: AbortSignal): Promise<Scan> {
  const scan = Scan.prepare({
    ...setup,
    seed: BigInt(seed),
    ...(log !== undefined && { sync: () => log.sync() }),
  });
  return unlessInterrupted(signal, scan);
}

/** The graph that is built beside the scan; undefined where there is to be none. */
async function startGraph(
  options: ScanOptions,
  log: LogWriter | undefined,
  signal: AbortSignal,
): Promise<ScanGraph | undefined> {
  if (log === undefined || options.noGraph) return undefined;
  return await unlessInterrupted(signal, ScanGraph.start({ folder: log.folder, options }));
}

/** Where the records go. Nothing that is there is overwritten. */
async function createSink(options: ScanOptions & { readonly output: string }): Promise<ObservationSink> {
  const { format, output } = options;
  if (output === "-") return new StreamSink();
  return format === "log"
    ? await LogWriter.create(output, logOptions(options))
    : await FileSink.create(output);
}

/** How the log is to be written. */
function logOptions(options: ScanOptions): LogOptions {
  return {
    segmentBytes: options.segmentBytes,
    compresses: options.gzip,
    onWarning: (warning) => {
      if (showsWarnings(options)) warn(warning);
    },
  };
}

interface Start {
  readonly runId: string;
  readonly options: ScanOptions;
  readonly seed: number;
  readonly loaded: LoadedTargets;
  /** What host names among the targets resolved to. */
  readonly names: ReadonlyMap<string, readonly string[]>;
}

function recordStart(
  { runId, options, seed, loaded: { targetSet }, names }: Start,
  sink: ObservationSink,
): void {
  sink.append({
    type: "run",
    time: timestamp(),
    id: runId,
    log_version: LOG_VERSION,
    margay_version: VERSION,
    config: recordedOptions(options) as Record<string, JsonValue>,
    seed,
    targets: Number(targetSet.count),
    target_digest: targetSet.digest(),
  });
  for (const [name, addresses] of names) sink.append({ type: "name", time: timestamp(), name, addresses });
}

function recordResumption({ log, options, repair }: ResumedRun, { progress, pending }: RunState): void {
  if (repair !== undefined && showsWarnings(options)) {
    warn(`${repair.path} line ${repair.line} was never finished: cut off (${repair.octets} octets)`);
  }
  log.append({
    type: "resume",
    time: timestamp(),
    margay_version: VERSION,
    cursor: String(progress.cursor),
    pending: pending.length,
    ...(repair && { repaired: { segment: repair.path, offset: repair.offset, octets: repair.octets } }),
  });
}
