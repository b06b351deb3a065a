import { EDGE_TYPE_NAMES, EDGE_TYPES, NODE_TYPES, nodeTypeOf } from "../model.ts";
import { sha256 } from "../sha256.ts";
import type { WriteGraph } from "./format.ts";
import { edgeRecord, nodeRecord } from "./json_record.ts";
import { writeWhole } from "./write_whole.ts";

/** What a key may be ("Document keys" of ArangoDB's documentation). */
const KEY = /^[A-Za-z0-9_\-:.@()+,=;$!*'%]{1,254}$/;

/** JSON lines for `arangoimport`, a file for each collection. */
export const writeArangodb: WriteGraph = async (graph, destination) => {
  const filled: string[] = [];
  for (const type of NODE_TYPES) {
    const file = await destination.open(`${type}.jsonl`);
    for (const node of graph.nodes(type)) {
      await file.record(`${JSON.stringify({ _key: keyOf(node.id), ...nodeRecord(node) })}\n`);
    }
    await file.close();
    if (file.records > 0) filled.push(type);
  }
  for (const type of EDGE_TYPE_NAMES) {
    const file = await destination.open(`${type}.jsonl`);
    for (const edge of graph.edges(type)) {
      const { source, target, type: _, ...rest } = edgeRecord(edge);
      const properties = Object.values(edge.properties);
      const ends = { _from: handleOf(edge.source), _to: handleOf(edge.target) };
      // What makes it this edge and no other: a second import changes nothing.
      const _key = sha256(JSON.stringify([source, target, ...properties]));
      await file.record(`${JSON.stringify({ _key, ...ends, type, ...rest })}\n`);
    }
    await file.close();
    if (file.records > 0) filled.push(type);
  }
  await writeWhole(destination, "graph.js", graphScript());
  await writeWhole(destination, "import.sh", importScript(filled), { isExecutable: true });
};

/** An identifier that is no key, such as one that is too long, is known by its hash. */
function keyOf(id: string): string {
  return KEY.test(id) ? id : `sha256:${sha256(id)}`;
}

function handleOf(id: string): string {
  return `${nodeTypeOf(id)}/${keyOf(id)}`;
}

/** Makes collections of the right kind and, for traversals and the web interface, a graph of them. */
function graphScript(): string {
  const relations = EDGE_TYPE_NAMES.map((type) => {
    const { from, to } = EDGE_TYPES[type];
    return `  graphs._relation("${type}", ${JSON.stringify(from)}, ["${to}"]),\n`;
  });
  return `// For arangosh, before the import: creates the named graph "margay" and the collections that it lacks.
const graphs = require("@arangodb/general-graph");
if (!graphs._exists("margay")) graphs._create("margay", [
${relations.join("")}]);
`;
}

function importScript(types: readonly string[]): string {
  return `#!/bin/sh
# Imports this graph: ./import.sh [OPTION...], such as --server.endpoint, --server.database, --server.username and
# --server.password. What is in the collections already is replaced, by key, so it may be run again.
# Follows the documentation of ArangoDB 3.12, "arangoimport".
set -eu
cd "$(dirname "$0")"
arangosh --javascript.execute graph.js "$@"
for collection in ${types.join(" ")}; do
  arangoimport --file "$collection.jsonl" --type jsonl --collection "$collection" --on-duplicate replace "$@"
done
`;
}
