import { resolve } from "node:path";
import {
  followLog,
  type FollowOptions,
  LOG_START,
  type LogBatch,
  type LogPosition,
  LogPositionError,
  LogReadError,
  type Observation,
  readRun,
  type RunObservation,
} from "../../observe/mod.ts";
import { reasonOf } from "../../text/mod.ts";
import type { BuilderGraph } from "../store/open_for_building.ts";
import { inTransaction } from "../store/transaction.ts";
import type { FindSystems } from "./address_writer.ts";
import { addRecord } from "./add_record.ts";
import { Batch } from "./batch.ts";
import { BatchWriter, type NewNodes, NO_NODES, sumOf } from "./batch_writer.ts";
import { runRow, RunTable } from "./run_table.ts";

/** How a log is folded. */
export interface FoldOptions extends Pick<FollowOptions, "writerGone" | "onTornEnd"> {
  /** Aborts when the fold is to end after what it has read; it goes on from there another time. */
  readonly signal?: AbortSignal | undefined;
  readonly findSystems?: FindSystems | undefined;
  /** Told after each transaction. */
  readonly onProgress?: ((progress: FoldProgress) => void) | undefined;
}

/** How far a fold has come. */
export interface FoldProgress {
  /** The run's name; undefined of a log without a line. */
  readonly run: string | undefined;
  /** What stands before it is in the graph. */
  readonly position: LogPosition;
  /** How many there were since this fold began. */
  readonly records: number;
  readonly newNodes: NewNodes;
}

/** How long it may take until what was read of a log that is being written is in the graph. */
const COMMIT_MS = 1_000;

/**
 * Folds the log in a folder into a graph, from where it was left the last time. What the graph holds in the end depends
 * neither on how often that was interrupted, nor on how many logs, in which order, say the same.
 *
 * @throws {LogReadError} where something stands that no run writes; what stands before it is in the graph.
 * @throws {GraphFileError} when the graph has another run of that name, or cannot be written.
 */
export async function foldLog(
  graph: BuilderGraph,
  folder: string,
  options: FoldOptions = {},
): Promise<FoldProgress> {
  const first = await readRun(folder, { writerGone: endOfWaiting(options) });
  if (first === undefined) return { run: undefined, position: LOG_START, records: 0, newNodes: NO_NODES };
  const fold = new LogFold(graph, folder, first, options);
  try {
    await fold.run(fold.progress.position);
  } catch (error) {
    if (!(error instanceof LogPositionError)) throw error;
    // The log was repaired, or is another one of the same run. What is known already changes nothing.
    await fold.run(LOG_START);
  }
  return fold.progress;
}

/** When more of a log is not waited for. */
function endOfWaiting({ writerGone, signal }: FoldOptions): AbortSignal | undefined {
  return writerGone && signal ? AbortSignal.any([writerGone, signal]) : writerGone;
}

class LogFold {
  readonly #graph: BuilderGraph;
  readonly #folder: string;
  /** What the place in the log is kept under. */
  readonly #source: string;
  readonly #options: FoldOptions;
  readonly #runs: RunTable;
  readonly #writer: BatchWriter;
  readonly #run: number;
  #batch = new Batch();
  #stagedAt: number | undefined;
  #stagedRecords = 0;
  #progress: FoldProgress;

  constructor(graph: BuilderGraph, folder: string, first: RunObservation, options: FoldOptions) {
    this.#graph = graph;
    this.#folder = folder;
    this.#source = resolve(folder);
    this.#options = options;
    this.#runs = new RunTable(graph.database);
    this.#writer = new BatchWriter(graph.database, options.findSystems);
    this.#run = inTransaction(graph, () => this.#runs.add(runRow(first), `the log in ${folder}`));
    const position = this.#runs.position(this.#source, this.#run) ?? LOG_START;
    this.#progress = { run: first.id, position, records: 0, newNodes: NO_NODES };
  }

  get progress(): FoldProgress {
    return this.#progress;
  }

  async run(from: LogPosition): Promise<void> {
    const { writerGone, onTornEnd, signal } = this.#options;
    const left = new AbortController();
    const gone = writerGone && AbortSignal.any([endOfWaiting(this.#options)!, left.signal]);
    const batches = followLog(this.#folder, { from, writerGone: gone, onTornEnd });
    let next = batches.next();
    let position = from;
    try {
      while (!signal?.aborted) {
        const result = await this.#within(next);
        if (result === undefined) {
          this.#commit(position);
          continue;
        }
        if (result.done) break;
        this.#stage(result.value);
        position = result.value.position;
        if (this.#isDue()) this.#commit(position);
        next = batches.next();
      }
    } finally {
      // A log that is waited for is waited for no longer.
      left.abort();
      next.catch(() => {});
      await batches.return(undefined);
      // Also what stands before a fault.
      this.#commit(position);
    }
  }

  /** What comes next; undefined when what was read before should not wait for it any longer. */
  async #within<Value>(next: Promise<Value>): Promise<Value | undefined> {
    if (this.#stagedAt === undefined) return await next;
    const waited = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => waited.resolve(undefined), COMMIT_MS);
    try {
      return await Promise.race([next, waited.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  #stage({ records }: LogBatch): void {
    this.#stagedAt ??= performance.now();
    for (const record of records) {
      try {
        addRecord(this.#batch, record);
      } catch (error) {
        throw this.#refusal(record, error);
      }
    }
    this.#stagedRecords += records.length;
  }

  #refusal({ type, time }: Observation, error: unknown): LogReadError {
    return new LogReadError(
      `Cannot use the "${type}" record of ${time} in ${this.#folder}: ${reasonOf(error)}`,
      {
        cause: error,
      },
    );
  }

  #isDue(): boolean {
    const { writerGone } = this.#options;
    if (this.#batch.isFull) return true;
    const isFollowing = writerGone !== undefined && !writerGone.aborted;
    return isFollowing && performance.now() - this.#stagedAt! >= COMMIT_MS;
  }

  #commit(position: LogPosition): void {
    if (this.#stagedAt === undefined) return;
    const batch = this.#batch;
    // What cannot be written is not tried again.
    this.#stagedAt = undefined;
    const { records, newNodes } = this.#progress;
    const added = inTransaction(this.#graph, () => {
      this.#runs.setPosition(this.#source, this.#run, position);
      return this.#writer.write(batch, this.#run);
    });
    this.#progress = {
      run: this.#progress.run,
      position,
      records: records + this.#stagedRecords,
      newNodes: sumOf(newNodes, added),
    };
    this.#batch = new Batch();
    this.#stagedRecords = 0;
    this.#options.onProgress?.(this.#progress);
  }
}
