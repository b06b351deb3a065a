import { setTimeout } from "node:timers/promises";
import { type BuilderGraph, openForBuilding } from "../store/open_for_building.ts";
import { foldLog, type FoldOptions, type FoldProgress } from "./fold_log.ts";

/** How often a graph is tried that another builder has. */
const RETRY_MS = 500;

/** How a run is followed. */
export interface FollowRunOptions extends FoldOptions {
  /** Aborts when nobody writes the log any more. */
  readonly writerGone: AbortSignal;
  /** Told that the graph can be written, or that it can in its turn: then once more when that has come. */
  readonly onGraph?: (isWaiting: boolean) => void;
  /** Told when all is folded, while the graph is still this builder's. */
  readonly onFolded?: (graph: BuilderGraph, progress: FoldProgress) => void;
}

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
  options: FollowRunOptions,
): Promise<FoldProgress | undefined> {
  const graph = await openInTurn(graphPath, options);
  if (graph === undefined) return undefined;
  try {
    const progress = await foldLog(graph, folder, options);
    if (!options.signal?.aborted) options.onFolded?.(graph, progress);
    return progress;
  } finally {
    graph.close();
  }
}

async function openInTurn(
  path: string,
  { signal, onGraph }: FollowRunOptions,
): Promise<BuilderGraph | undefined> {
  let wasWaiting: boolean | undefined;
  while (!signal?.aborted) {
    const graph = openForBuilding(path);
    const isWaiting = graph === undefined;
    if (isWaiting !== wasWaiting) onGraph?.(isWaiting);
    wasWaiting = isWaiting;
    if (graph !== undefined) return graph;
    await setTimeout(RETRY_MS, undefined, { signal }).catch(() => {});
  }
  return undefined;
}
