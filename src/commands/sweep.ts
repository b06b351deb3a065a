import { NativeError } from "../../ffi/mod.ts";
import {
  compileFilter,
  createFormat,
  defaultFieldNames,
  EVERYTHING,
  fieldsOf,
  findField,
  RecordOutput,
  type RecordShape,
} from "../results/mod.ts";
import { inSendingOrder } from "../scan/extent.ts";
import type { SweepOptions } from "../scan/options.ts";
import { planSweep, thisMachine } from "../scan/plan.ts";
import type { SweepOutcome } from "../scan/sweep_report.ts";
import { SweepRun } from "../scan/sweep_run.ts";
import type { LoadedTargets } from "../targets/mod.ts";
import { printable } from "../text/mod.ts";
import { ExitCode } from "./exit_code.ts";
import { InterruptedError } from "./interrupted_error.ts";
import { unlessInterrupted, withInterruption } from "./interruption.ts";
import { LiveLine } from "./live_line.ts";
import { loadAsked } from "./load_asked.ts";
import { printTargets } from "./print_targets.ts";
import { withRateSignals } from "./rate_signals.ts";
import { requireReceiveMemory } from "./receive_memory.ts";
import { randomSeed } from "./seed.ts";
import type { SweepEnd, SweepFacts } from "./sweep_facts.ts";
import { chooseMetadataPath } from "./sweep_files.ts";
import { MetadataFile } from "./sweep_metadata.ts";
import { sweepProgress } from "./sweep_progress.ts";
import { StatusFile } from "./sweep_status.ts";
import { formatSweepSummary } from "./sweep_summary.ts";
import { standardError, warn } from "./terminal.ts";
import { showsSummary, showsWarnings } from "./verbosity.ts";

/** `margay sweep`: resolves to the exit code; throws what `main.ts` turns into a message. */
export function runSweepCommand(options: SweepOptions): Promise<number> {
  const signalled: Signalled = { changeRate: () => {} };
  return withRateSignals(
    (factor) => signalled.changeRate(factor),
    () => withInterruption((signal) => sweepUntil(signal, signalled, options)),
  );
}

/** What signals do; nothing before there is a sweep. */
interface Signalled {
  changeRate: (factor: number) => void;
}

async function sweepUntil(
  signal: AbortSignal,
  signalled: Signalled,
  options: SweepOptions,
): Promise<number> {
  const startedAt = new Date();
  const loaded = await loadAsked(options, signal);
  const seed = options.seed ?? randomSeed();
  if (options.dryRun) {
    await unlessInterrupted(signal, printTargets(inSendingOrder(loaded.targetSet, options, BigInt(seed))));
    return ExitCode.done;
  }
  requireReceiveMemory(options);
  const plan = planSweep(loaded.targetSet, options, thisMachine());
  if (showsWarnings(options)) plan.notes.forEach(warn);
  const facts = { options, loaded, plan, seed, startedAt };
  const metadataPath = await chooseMetadataPath(options);
  const output = await RecordOutput.open(options.output, recordShape(options, loaded));
  let sweep: PreparedSweep;
  try {
    sweep = await prepare(facts, metadataPath, output, signal);
  } catch (error) {
    await output.discard();
    throw error;
  }
  signalled.changeRate = (factor) => sweep.run.changeRate(factor);
  try {
    return await runSweep(sweep, facts, output, signal);
  } finally {
    await output.close();
  }
}

function recordShape({ format, fields, filter }: SweepOptions, { targetSet }: LoadedTargets): RecordShape {
  const portCount = targetSet.groups.reduce((sum, { ports }) => sum + ports.length, 0);
  const names = fields ?? defaultFieldNames(format, portCount > 1);
  const named = names.map((name) => ({ name, field: findField(fieldsOf(format), name)! }));
  return {
    format: createFormat(format, named),
    filter: filter === undefined ? EVERYTHING : compileFilter(filter),
  };
}

interface PreparedSweep {
  readonly run: SweepRun;
  readonly metadata: MetadataFile | undefined;
  readonly status: StatusFile | undefined;
  /** Takes the sentences that the run has for the user. */
  readonly warnings: { show: (sentence: string) => void };
}

async function prepare(
  facts: SweepFacts,
  metadataPath: string | undefined,
  sink: RecordOutput,
  signal: AbortSignal,
): Promise<PreparedSweep> {
  const { options, loaded, plan, seed } = facts;
  const metadata = metadataPath === undefined ? undefined : new MetadataFile(metadataPath, facts);
  const status = options.status === undefined ? undefined : new StatusFile(options.status);
  const warnings = { show: warn };
  try {
    const setup = {
      plan,
      targets: loaded.targetSet,
      options,
      seed: BigInt(seed),
      sink,
      warn: (sentence: string) => showsWarnings(options) && warnings.show(sentence),
    };
    const run = await unlessInterrupted(signal, SweepRun.prepare(setup));
    return { run, metadata, status, warnings };
  } catch (thrown) {
    const error = withWayOut(thrown as Error, options);
    status?.finish();
    const { cursor } = options;
    metadata?.finish({
      outcome: error instanceof InterruptedError
        ? { reason: "interrupted", cursor }
        : { reason: "failed", error, cursor },
    });
    throw error;
  }
}

/** What the packet plane takes is mostly memory for answers. */
function withWayOut(error: Error, { receiveMemoryBytes, readers }: SweepOptions): Error {
  if (!(error instanceof NativeError && error.status === "outOfMemory")) return error;
  const wayOut = receiveMemoryBytes === undefined && readers > 1
    ? "give fewer --readers"
    : "give less with --receive-memory";
  return new Error(`${error.message}; ${wayOut}`, { cause: error });
}

async function runSweep(
  sweep: PreparedSweep,
  facts: SweepFacts,
  output: RecordOutput,
  signal: AbortSignal,
): Promise<number> {
  const { options } = facts;
  const { run, metadata } = sweep;
  const outcome = await runShown(sweep, options, signal);
  const end = { outcome, counters: run.counters(), results: output.kept };
  metadata?.finish(end);
  if (showsWarnings(options) && nothingWasRouted(end)) {
    warn("Nothing was probed: no route leads to any of these targets; see: ip route");
  }
  if (showsSummary(options)) {
    for (const text of formatSweepSummary(facts, end)) standardError.write(`${text}\n`);
  }
  return exitCodeFor(outcome);
}

/** Runs the sweep under its live line and beside its status file, until it ends or the user ends it. */
async function runShown(
  { run, status, warnings }: PreparedSweep,
  options: SweepOptions,
  signal: AbortSignal,
): Promise<SweepOutcome> {
  const counters = () => run.counters();
  status?.start(counters);
  // Records on the same screen would tear the live line apart.
  const isOnScreen = options.output === "-" && Deno.stdout.isTerminal();
  const line = showsSummary(options) && !isOnScreen
    ? new LiveLine(sweepProgress(counters), standardError)
    : undefined;
  if (line !== undefined) warnings.show = (sentence) => line.print(`margay: ${printable(sentence)}`);
  line?.start();
  try {
    return await run.run(signal);
  } finally {
    line?.stop();
    status?.finish();
  }
}

/** A plan has a way for some of the target set, of which a sample or a shard need not have any. */
function nothingWasRouted({ outcome, counters }: SweepEnd): boolean {
  const { sent, unrouted, unresolved } = counters;
  return outcome.reason === "done" && sent + unresolved === 0 && unrouted > 0;
}

/** @throws what a sweep failed by. */
function exitCodeFor(outcome: SweepOutcome): number {
  switch (outcome.reason) {
    case "failed":
      throw outcome.error;
    case "interrupted":
      return ExitCode.interrupted;
    case "limit":
      // These two say that something is wrong; the others were what was wanted.
      return outcome.limit === "minHitRate" || outcome.limit === "linkTimeout"
        ? ExitCode.failed
        : ExitCode.done;
    case "done":
    case "unread":
      return ExitCode.done;
  }
}
