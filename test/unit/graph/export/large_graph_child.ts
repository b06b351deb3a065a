/** Exports a graph that does not fit into the memory that this process is started with. Argument: HOLD to try that. */
import { EXPORT_FORMATS, streamGraph } from "../../../../src/graph/export/mod.ts";
import { type GraphEdge, type GraphNode, type GraphReader, nodeId } from "../../../../src/graph/model.ts";

const NODES = 100_000;

const held: unknown[] | undefined = Deno.args[0] === "HOLD" ? [] : undefined;

/** Domains with long names, and edges to them. */
const graph: GraphReader = {
  *nodes(type) {
    if (type !== "Domain") return;
    for (let index = 0; index < NODES; index += 1) {
      const name = `${index}.`.repeat(30);
      const properties = { name, unicode: null, registrable: name, wildcard: false };
      const run = `run-${index % 10}`;
      const node: GraphNode = {
        id: nodeId(type, String(index)),
        type,
        label: name,
        firstRun: run,
        lastRun: run,
        properties,
      };
      held?.push(node);
      yield node;
    }
  },
  *edges(type) {
    if (type !== "BELONGS_TO") return;
    for (let index = 0; index < NODES; index += 1) {
      const edge: GraphEdge = {
        type,
        source: "cert:0",
        target: nodeId("Domain", String(index)),
        firstRun: "run",
        lastRun: "run",
        properties: {},
      };
      held?.push(edge);
      yield edge;
    }
  },
};

for (const format of EXPORT_FORMATS) {
  let octets = 0;
  await streamGraph(graph, format, {
    write(chunk) {
      octets += chunk.length;
      return Promise.resolve(chunk.length);
    },
  });
  console.log(`${format.name} ${octets}`);
}
