import { EDGE_TYPE_NAMES, NODE_TYPES } from "../model.ts";
import type { WriteGraph } from "./format.ts";
import { edgeRecord, nodeRecord } from "./json_record.ts";

/** One JSON object a line, nodes before edges; `record` tells which. */
export const writeNdjson: WriteGraph = async (graph, destination) => {
  const file = await destination.open("graph.ndjson");
  for (const type of NODE_TYPES) {
    for (const node of graph.nodes(type)) {
      await file.record(`${JSON.stringify({ record: "node", ...nodeRecord(node) })}\n`);
    }
  }
  for (const type of EDGE_TYPE_NAMES) {
    for (const edge of graph.edges(type)) {
      await file.record(`${JSON.stringify({ record: "edge", ...edgeRecord(edge) })}\n`);
    }
  }
  await file.close();
};
