/**
 * The identity graph: what it holds, how it is read, and the questions that people ask of it.
 *
 * @module
 */

export { type GraphStats, graphStats } from "./questions/stats.ts";
export { GraphFileError } from "./store/graph_file_error.ts";
export { openForReading } from "./store/open_for_reading.ts";
export { SqliteGraphReader } from "./store/sqlite_graph_reader.ts";
