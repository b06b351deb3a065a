import type { SweepCounters } from "../scan/sweep_report.ts";
import { formatAddress } from "../targets/mod.ts";
import { snakeCase } from "../text/mod.ts";
import { recordedCount, recordedCounters } from "./recorded_counters.ts";
import { recordedOptions } from "./recorded_options.ts";
import type { SweepEnd, SweepFacts } from "./sweep_facts.ts";
import { VERSION } from "./version.ts";

/** How a sweep ended; one that did not come as far as the first probe has counted nothing. */
export type RecordedEnd = Pick<SweepEnd, "outcome"> & Partial<SweepEnd>;

/**
 * What a sweep was asked, decided and counted, as the JSON of `--metadata`.
 *
 * @param end undefined while the sweep is under way: a process that is killed leaves such a file behind.
 */
export function sweepMetadata(facts: SweepFacts, end: RecordedEnd | undefined): string {
  const { options, loaded, plan, seed, startedAt } = facts;
  const record = {
    program: "margay",
    version: VERSION,
    started: startedAt.toISOString(),
    ended: end && new Date().toISOString(),
    outcome: end?.outcome.reason ?? "running",
    limit: end?.outcome.reason === "limit" ? snakeCase(end.outcome.limit) : undefined,
    error: end?.outcome.reason === "failed" ? end.outcome.error.message : undefined,
    seed,
    // As text: it may lie beyond 2^53, where JSON readers round.
    cursor: end?.outcome.cursor?.toString(),
    results: end?.results,
    hit_rate: end?.counters && hitRate(end.counters),
    counters: end?.counters && recordedCounters(end.counters),
    targets_asked_for: String(loaded.targetSet.count),
    targets_left_out: loaded.exclusions.map(({ kind, reason, targetCount }) => ({
      kind,
      reason,
      targets: String(targetCount),
    })),
    hops: plan.hops.map(({ interface: { name }, kind, vlan, sources, targetCount, reason }) => ({
      interface: name,
      kind: snakeCase(kind),
      vlan,
      sources: sources.map(formatAddress),
      targets: recordedCount(targetCount),
      reason,
    })),
    kernel: plan.kernel.map(({ targetCount, reason }) => ({ targets: recordedCount(targetCount), reason })),
    targets_unrouted: recordedCount(plan.unroutedCount),
    notes: plan.notes,
    options: recordedOptions(options),
  };
  return JSON.stringify(record, undefined, 2) + "\n";
}

function hitRate({ open, sent }: SweepCounters): number {
  return sent === 0 ? 0 : open / sent;
}

/** The file of {@linkcode sweepMetadata}. */
export class MetadataFile {
  readonly #path: string;
  readonly #facts: SweepFacts;

  /** Writes what is known at the start, so that a path that cannot be written is refused before the first probe. */
  constructor(path: string, facts: SweepFacts) {
    this.#path = path;
    this.#facts = facts;
    this.#write(undefined);
  }

  /** Writes what is known at the end. */
  finish(end: RecordedEnd): void {
    this.#write(end);
  }

  #write(end: RecordedEnd | undefined): void {
    try {
      Deno.writeTextFileSync(this.#path, sweepMetadata(this.#facts, end));
    } catch (error) {
      throw new Error(`Cannot write metadata to ${this.#path}: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }
}
