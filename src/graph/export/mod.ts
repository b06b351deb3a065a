/**
 * Exports: a graph written down for other programs, one file of code for each format.
 *
 * @module
 */

export * from "./format.ts";
export * from "./formats.ts";
export * from "./export_graph.ts";
export { csvLine } from "./csv.ts";
export { edgeRecord, nodeRecord } from "./json_record.ts";
