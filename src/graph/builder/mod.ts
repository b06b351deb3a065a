/**
 * The builder: folds logs into a graph.
 *
 * @module
 */

export { type AutonomousSystem, type FindSystems } from "./address_writer.ts";
export { type NewNodes } from "./batch_writer.ts";
export { foldLog, type FoldOptions, type FoldProgress } from "./fold_log.ts";
export { mergeGraph } from "./merge_graph.ts";
