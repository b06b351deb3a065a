import type { DatabaseSync } from "node:sqlite";
import { setImmediate } from "node:timers/promises";
import type { Row } from "../store/node_queries.ts";
import type { BuilderGraph } from "../store/open_for_building.ts";
import { openForReading } from "../store/open_for_reading.ts";
import { rowsOf } from "../store/rows.ts";
import { inTransaction } from "../store/transaction.ts";
import { Batch } from "./batch.ts";
import { BatchWriter, type NewNodes, NO_NODES, sumOf } from "./batch_writer.ts";
import { FACT_QUERIES, type FactQuery, runsOf } from "./graph_facts.ts";
import { RunTable } from "./run_table.ts";

/** How a graph is merged into another. */
export interface MergeOptions {
  /** Aborts when the merge is to end. It can be begun anew. */
  readonly signal?: AbortSignal | undefined;
}

/** How many rows are read for a transaction. */
const ROWS = 50_000;

/** In place of a run's number, where no fact belongs to one. */
const NO_RUN = 0;

/**
 * Adds all that another graph holds: it comes to the same as folding the logs that were folded there. After an
 * interruption it can be begun anew, since what is there already changes nothing.
 *
 * @throws {GraphFileError} when the other file is no graph, or has another run of the same name.
 */
export async function mergeGraph(
  graph: BuilderGraph,
  path: string,
  { signal }: MergeOptions = {},
): Promise<NewNodes> {
  const other = openForReading(path);
  try {
    // The graph of one moment, though a builder may go on with it: nothing is said of what comes later.
    other.exec("BEGIN");
    const runs = addRuns(graph, other, path);
    const writer = new BatchWriter(graph.database, undefined);
    let newNodes = NO_NODES;
    for (const { sql, add } of FACT_QUERIES) {
      const rows = rowsOf(other, sql);
      while (!signal?.aborted) {
        const batches = takeBatches(rows, add);
        if (batches.size === 0) break;
        newNodes = sumOf(newNodes, writeBatches(graph, writer, batches, runs));
        // Signals and progress have their turn.
        await setImmediate();
      }
    }
    return newNodes;
  } finally {
    other.close();
  }
}

/** Returns the numbers that the other graph's runs have here, by name. */
function addRuns(graph: BuilderGraph, other: DatabaseSync, path: string): ReadonlyMap<string, number> {
  const table = new RunTable(graph.database);
  return inTransaction(graph, () => new Map(runsOf(other).map((run) => [run.name, table.add(run, path)])));
}

/** Batches by the names of their runs; of facts that belong to no run under an empty one. */
type Batches = ReadonlyMap<string, Batch>;

/** Empty when there are no more rows. */
function takeBatches(rows: Iterator<Row>, add: FactQuery["add"]): Batches {
  const batches = new Map<string, Batch>();
  for (let count = 0; count < ROWS; count += 1) {
    const { done, value: row } = rows.next();
    if (done) break;
    const run = String(row["run"] ?? "");
    let batch = batches.get(run);
    if (batch === undefined) batches.set(run, batch = new Batch());
    add(batch, row);
  }
  return batches;
}

function writeBatches(
  graph: BuilderGraph,
  writer: BatchWriter,
  batches: Batches,
  runs: ReadonlyMap<string, number>,
): NewNodes {
  return inTransaction(graph, () => {
    let newNodes = NO_NODES;
    for (const [run, batch] of batches) {
      newNodes = sumOf(newNodes, writer.write(batch, runs.get(run) ?? NO_RUN));
    }
    return newNodes;
  });
}
