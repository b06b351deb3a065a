import {
  createRunId,
  FileSink,
  type JsonValue,
  LOG_VERSION,
  type LogOptions,
  LogWriter,
  type ObservationSink,
  OutputClosedError,
  StreamSink,
  timestamp,
} from "../observe/mod.ts";
import {
  inSendingOrder,
  planSweep,
  Scan,
  type ScanCounters,
  type ScanOptions,
  type ScanOutcome,
  type SweepPlan,
  thisMachine,
} from "../scan/mod.ts";
import type { LoadedTargets } from "../targets/mod.ts";
import { printable } from "../text/mod.ts";
import { ExitCode } from "./exit_code.ts";
import { unlessInterrupted, withInterruption } from "./interruption.ts";
import { loadAsked } from "./load_asked.ts";
import { loadTrust } from "./load_trust.ts";
import { printTargets } from "./print_targets.ts";
import { Progress } from "./progress.ts";
import { requireReceiveMemory } from "./receive_memory.ts";
import { recordedCounters } from "./recorded_counters.ts";
import { recordedOptions } from "./recorded_options.ts";
import { reportScan } from "./scan_report.ts";
import { randomSeed } from "./seed.ts";
import { formatSummary } from "./summary.ts";
import { standardError } from "./terminal.ts";
import { showsSummary, showsWarnings } from "./verbosity.ts";
import { VERSION } from "./version.ts";

/** `margay scan`: resolves to the exit code; throws what `main.ts` turns into a message. */
export function runScanCommand(options: ScanOptions): Promise<number> {
  return withInterruption((signal) => scanUntil(signal, options));
}

async function scanUntil(signal: AbortSignal, given: ScanOptions): Promise<number> {
  const runId = createRunId();
  const output = given.output ?? (given.format === "log" ? `margay-${runId}` : "-");
  const options = { ...given, output };
  const loaded = await loadAsked(options, signal);
  const seed = options.seed ?? randomSeed();
  if (options.dryRun) {
    await unlessInterrupted(signal, printTargets(inSendingOrder(loaded.targetSet, options, BigInt(seed))));
    return ExitCode.done;
  }
  requireReceiveMemory(options);
  const plan = planSweep(loaded.targetSet, options, thisMachine());

  if (showsWarnings(options)) {
    for (const note of plan.notes) standardError.write(`margay: ${printable(note)}\n`);
  }
  const trust = await unlessInterrupted(signal, loadTrust(options));
  const sink = await createSink(options);
  let scan: Scan;
  try {
    const setup = { plan, targets: loaded.targetSet, options, seed: BigInt(seed), sink, trust };
    scan = await unlessInterrupted(signal, Scan.prepare(setup));
  } catch (error) {
    await sink.discard();
    throw error;
  }
  try {
    return await runScan(scan, { runId, signal, options, plan, loaded, seed, sink });
  } finally {
    await sink.close();
  }
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
      if (showsWarnings(options)) standardError.write(`margay: ${printable(warning)}\n`);
    },
  };
}

interface Run {
  readonly runId: string;
  readonly signal: AbortSignal;
  readonly options: ScanOptions & { readonly output: string };
  readonly plan: SweepPlan;
  readonly loaded: LoadedTargets;
  readonly seed: number;
  readonly sink: ObservationSink;
}

async function runScan(scan: Scan, run: Run): Promise<number> {
  const { runId, signal, options, plan, loaded, sink } = run;
  if (options.format === "log") recordStart(run);
  const outcome = await runShown(scan, signal, options);
  const counters = scan.counters();
  if (outcome.reason !== "unread" && options.format === "log") {
    await recordEnd(sink, outcome.reason, counters);
  }
  if (showsSummary(options)) {
    const report = reportScan({ runId, outcome, counters, options, plan, loaded });
    for (const line of formatSummary(report)) standardError.write(`${line}\n`);
  }
  if (outcome.reason === "failed") throw outcome.error;
  return outcome.reason === "interrupted" ? ExitCode.interrupted : ExitCode.done;
}

function recordStart({ sink, runId, options, seed, loaded }: Run): void {
  sink.append({
    type: "run",
    time: timestamp(),
    id: runId,
    log_version: LOG_VERSION,
    margay_version: VERSION,
    config: recordedOptions(options) as Record<string, JsonValue>,
    seed,
    targets: Number(loaded.targetSet.count),
  });
}

async function recordEnd(
  sink: ObservationSink,
  reason: "done" | "interrupted" | "failed",
  counters: ScanCounters,
): Promise<void> {
  try {
    sink.append({ type: "end", time: timestamp(), reason, counters: loggedCounters(counters) });
    await sink.flush();
  } catch (error) {
    // A stream's reader has seen enough, or the scan failed because of the log itself.
    if (!(error instanceof OutputClosedError) && reason !== "failed") throw error;
  }
}

/** Runs the scan under its live line, until it ends or the user ends it. */
async function runShown(scan: Scan, signal: AbortSignal, options: ScanOptions): Promise<ScanOutcome> {
  // Records on the same screen would tear the live line apart.
  const isOnScreen = options.output === "-" && Deno.stdout.isTerminal();
  const progress = showsSummary(options) && !isOnScreen
    ? new Progress(() => scan.counters(), standardError)
    : undefined;
  progress?.start();
  try {
    return await scan.run(signal);
  } finally {
    progress?.stop();
  }
}

/** The counters as the log carries them. Outcomes and verdicts bear a prefix: some have the same name. */
function loggedCounters(
  { captures, verifications, sessions, ...numbers }: ScanCounters,
): Record<string, number> {
  return {
    ...recordedCounters(numbers) as Record<string, number>,
    ...prefixed("captures", captures),
    ...prefixed("verifications", verifications),
    ...prefixed("sessions", sessions),
  };
}

function prefixed(prefix: string, counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [`${prefix}_${name}`, count]));
}
