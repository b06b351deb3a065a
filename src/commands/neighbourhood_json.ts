import { edgeRecord, nodeRecord } from "../graph/export/mod.ts";
import { EDGE_TYPE_NAMES, type Neighbourhood, NODE_TYPES } from "../graph/mod.ts";

/** A neighbourhood for programs: nodes and edges as in exports, and what was left out. */
export function neighbourhoodJson(neighbourhood: Neighbourhood) {
  return {
    node: neighbourhood.start.id,
    nodes: NODE_TYPES.flatMap((type) => [...neighbourhood.nodes(type)].map(nodeRecord)),
    edges: EDGE_TYPE_NAMES.flatMap((type) => [...neighbourhood.edges(type)].map(edgeRecord)),
    omitted: [...neighbourhood.omissions()].map(({ of, group }) => ({
      node: of,
      edge: group.edge,
      direction: group.isOutgoing ? "out" : "in",
      neighbours: group.neighbourType,
      count: group.omitted,
      at_least: group.isOmittedAtLeast,
    })),
  };
}
