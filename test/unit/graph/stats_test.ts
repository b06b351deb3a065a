import assert from "node:assert/strict";
import { EDGE_TYPE_NAMES, NODE_TYPES } from "../../../src/graph/model.ts";
import { graphStats } from "../../../src/graph/questions/stats.ts";
import { SqliteGraphReader } from "../../../src/graph/store/sqlite_graph_reader.ts";
import { RUNS, sampleGraph } from "./sample_graph.ts";

Deno.test("everything is counted by type and by run", () => {
  const { nodes, edges, runs } = graphStats(sampleGraph().database);
  assert.deepEqual(nodes, {
    ScanRun: 3,
    ASN: 2,
    IP: 5,
    CA: 3,
    Organization: 3,
    PublicKey: 4,
    Domain: 4,
    Certificate: 6,
  });
  assert.deepEqual(edges, {
    SERVES: 7,
    ISSUED_BY: 6,
    BELONGS_TO: 6,
    OWNED_BY: 4,
    USES_KEY: 6,
    IN_ASN: 4,
    SEEN_IN_RUN: 8 + 10,
  });
  assert.deepEqual(
    runs.map(({ name, addresses, certificates, outcome }) => [name, addresses, certificates, outcome]),
    [
      [RUNS[0], 3, 3, "done"],
      [RUNS[1], 2, 3, "done"],
      [RUNS[2], 3, 4, null],
    ],
  );
});

Deno.test("as many are counted as are read one by one", () => {
  const { database } = sampleGraph();
  const { nodes, edges } = graphStats(database);
  const reader = new SqliteGraphReader(database);
  for (const type of NODE_TYPES) assert.equal(nodes[type], [...reader.nodes(type)].length, type);
  for (const type of EDGE_TYPE_NAMES) assert.equal(edges[type], [...reader.edges(type)].length, type);
});
