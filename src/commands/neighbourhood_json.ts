import { edgeRecord, nodeRecord } from "../graph/export/mod.ts";
import { EDGE_TYPES, type EdgeType, type Neighbourhood, NODE_TYPES } from "../graph/mod.ts";

/** A neighbourhood for programs: nodes and edges as in exports, and what was left out. */
export function neighbourhoodJson(neighbourhood: Neighbourhood) {
  const nodes = NODE_TYPES.flatMap((type) => [...neighbourhood.nodes(type)]);
  return {
    node: neighbourhood.start.id,
    nodes: nodes.map(nodeRecord),
    edges: (Object.keys(EDGE_TYPES) as EdgeType[]).flatMap((type) =>
      [...neighbourhood.edges(type)].map(edgeRecord)
    ),
    omitted: nodes.flatMap(({ id }) =>
      neighbourhood.groupsOf(id).filter(({ omitted }) => omitted > 0).map(
        ({ edge, isOutgoing, neighbourType, omitted, isOmittedAtLeast }) => ({
          node: id,
          edge,
          direction: isOutgoing ? "out" : "in",
          neighbours: neighbourType,
          count: omitted,
          at_least: isOmittedAtLeast,
        }),
      )
    ),
  };
}
