import { type LogWriter, type ObservationSink, OutputClosedError, timestamp } from "../observe/mod.ts";
import {
  loggedCounters,
  type Scan,
  type ScanCounters,
  type ScanOptions,
  type ScanOutcome,
  type SweepPlan,
} from "../scan/mod.ts";
import type { LoadedTargets } from "../targets/mod.ts";
import { ExitCode } from "./exit_code.ts";
import { Progress } from "./progress.ts";
import type { ScanGraph } from "./scan_graph.ts";
import { reportScan } from "./scan_report.ts";
import { formatSummary, graphFault } from "./summary.ts";
import { standardError, warn } from "./terminal.ts";
import { showsSummary } from "./verbosity.ts";

/** A scan that is ready, and what is known of it. */
export interface ScanRun {
  readonly runId: string;
  readonly isResumed: boolean;
  readonly options: ScanOptions & { readonly output: string };
  readonly plan: SweepPlan;
  readonly loaded: LoadedTargets;
  readonly sink: ObservationSink;
  /** The same, where it is a run's folder. */
  readonly log: LogWriter | undefined;
  readonly graph: ScanGraph | undefined;
}

/** Runs a scan whose start is recorded, to its end or until `signal` aborts; resolves to the exit code. */
export async function runScan(scan: Scan, run: ScanRun, signal: AbortSignal): Promise<number> {
  const { options, sink, log, graph } = run;
  // Nothing is sent that a run which goes on later could not know of.
  await log?.sync();
  const outcome = await runShown(scan, signal, options);
  const counters = scan.counters();
  if (outcome.reason !== "unread" && options.format === "log") {
    await recordEnd(sink, outcome.reason, counters);
  }
  const built = await graph?.finish(signal, showsSummary(options));
  const report = reportScan({ ...run, outcome, counters, graph: built });
  const fault = graphFault(report);
  if (showsSummary(options)) {
    for (const line of formatSummary(report)) standardError.write(`${line}\n`);
  } else if (fault !== undefined) {
    warn(`Cannot complete ${report.graph!.path}: ${fault.reason}; ${fault.wayOut}`);
  }
  if (outcome.reason === "failed") throw outcome.error;
  return outcome.reason === "interrupted" ? ExitCode.interrupted : ExitCode.done;
}

async function recordEnd(
  sink: ObservationSink,
  reason: Exclude<ScanOutcome["reason"], "unread">,
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
