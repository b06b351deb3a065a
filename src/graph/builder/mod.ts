/**
 * The builder: folds logs into a graph, and merges graphs.
 *
 * @module
 */

export { addOrigins } from "./add_origins.ts";
export { type FindSystems } from "./address_writer.ts";
export { type NewNodes, NO_NODES, sumOf } from "./batch_writer.ts";
export { foldLog, type FoldOptions, type FoldProgress } from "./fold_log.ts";
export { followRun } from "./follow_run.ts";
export { mergeGraph } from "./merge_graph.ts";
export { type BuilderGraph, openForBuilding } from "../store/open_for_building.ts";
