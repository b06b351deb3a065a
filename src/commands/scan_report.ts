import {
  askedTargets,
  type ScanCounters,
  type ScanOptions,
  type ScanOutcome,
  type ScanReport,
  type SweepPlan,
  type TransportUse,
} from "../scan/mod.ts";
import type { GraphReport } from "../scan/report.ts";
import type { LoadedTargets } from "../targets/mod.ts";
import { plural } from "../text/mod.ts";
import { targetNotes } from "./target_notes.ts";

export interface ScanFacts {
  readonly runId: string;
  readonly isResumed: boolean;
  readonly outcome: ScanOutcome;
  readonly counters: ScanCounters;
  readonly options: ScanOptions & { readonly output: string };
  readonly plan: SweepPlan;
  readonly loaded: LoadedTargets;
  readonly graph: GraphReport | undefined;
}

/** What the summary tells, gathered from what the scan was asked, decided and counted. */
export function reportScan(facts: ScanFacts): ScanReport {
  const { runId, isResumed, outcome, counters, options, plan, loaded } = facts;
  const log = options.output === "-" ? undefined : options.output;
  const transports = [
    ...plan.hops.map((hop): TransportUse => ({ name: "wire", targets: hop.targetCount, reason: hop.reason })),
    ...plan.kernel.map((part): TransportUse => ({
      name: "kernel",
      targets: part.targetCount,
      reason: part.reason,
    })),
  ];
  return {
    runId,
    isResumed,
    outcome: outcome.reason === "unread" ? "interrupted" : outcome.reason,
    asked: askedTargets(options),
    exclusions: loaded.exclusions,
    transports,
    counters,
    log,
    graph: facts.graph,
    resumable: outcome.reason !== "done" && options.format === "log" ? log : undefined,
    notes: notesOf(facts),
  };
}

function notesOf({ plan, loaded, counters }: ScanFacts): string[] {
  const notes = targetNotes(loaded, "scanned");
  if (counters.sent > 0 && counters.open + counters.closed + counters.unreachable === 0) {
    notes.push("not one answer came: the targets keep silent, or nothing gets through to them and back");
  }
  const { unroutedCount } = plan;
  if (unroutedCount > 0) notes.push(`not scanned for want of a route: ${plural(unroutedCount, "target")}`);
  return notes;
}
