/**
 * The identity graph: what it holds, how it is read, and the questions that people ask of it.
 *
 * @module
 */

export {
  EDGE_TYPE_NAMES,
  type EdgeType,
  type GraphEdge,
  type GraphNode,
  NODE_TYPES,
  type PropertyValue,
} from "./model.ts";
export { drawPicture } from "./picture/draw.ts";
export { type ExpiringCertificate, expiringCertificates, lastRun } from "./questions/expiring.ts";
export { findNodes, findSimilarNodes } from "./questions/find_nodes.ts";
export { type CertificateHub, certificateHubs, type KeyHub, keyHubs } from "./questions/hubs.ts";
export { type NeighbourGroup, Neighbourhood } from "./questions/neighbourhood.ts";
export { NodeLookup } from "./questions/node_lookup.ts";
export { type NodeReference } from "./questions/relations.ts";
export { queryGraph, type QueryResult, type QueryValue } from "./questions/query.ts";
export { type SharedKey, sharedKeys } from "./questions/shared_keys.ts";
export { domainOf } from "./domain_name.ts";
export { keyName } from "./key_name.ts";
export { shortFingerprint } from "./short_fingerprint.ts";
export { type GraphStats, graphStats, type RunStats } from "./questions/stats.ts";
export { GraphFileError } from "./store/graph_file_error.ts";
export { GRAPH_FILE_NAME, openForReading } from "./store/open_for_reading.ts";
export { SqliteGraphReader } from "./store/sqlite_graph_reader.ts";
