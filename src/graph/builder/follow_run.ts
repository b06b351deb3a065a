import { setTimeout } from "node:timers/promises";
import { type BuilderGraph, openForBuilding } from "../store/open_for_building.ts";
import { foldLog, type FoldOptions, type FoldProgress } from "./fold_log.ts";

/** How often a graph is tried that another builder has. */
const RETRY_MS = 500;

/**
 * Folds what a run writes while it writes it, until it is gone and all of it is folded. Where another builder has the
 * graph it waits for its turn.
 *
 * @returns undefined when `signal` aborted before its turn came.
 * @throws {LogReadError} where something stands that no run writes.
 * @throws {GraphFileError} when the graph cannot be written, or has another run of that name.
 */
export async function followRun(
  folder: string,
  graphPath: string,
  options: FoldOptions & { readonly writerGone: AbortSignal },
): Promise<FoldProgress | undefined> {
  const graph = await openInTurn(graphPath, options.signal);
  if (graph === undefined) return undefined;
  try {
    return await foldLog(graph, folder, options);
  } finally {
    graph.close();
  }
}

async function openInTurn(path: string, signal: AbortSignal | undefined): Promise<BuilderGraph | undefined> {
  while (!signal?.aborted) {
    const graph = openForBuilding(path);
    if (graph !== undefined) return graph;
    await setTimeout(RETRY_MS, undefined, { signal }).catch(() => {});
  }
  return undefined;
}
