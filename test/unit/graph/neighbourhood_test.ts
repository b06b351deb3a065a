import assert from "node:assert/strict";
import { EDGE_TYPES, type EdgeType, NODE_TYPES } from "../../../src/graph/model.ts";
import { authorityNodeId } from "../../../src/graph/node_ids.ts";
import { findNodes, findSimilarNodes } from "../../../src/graph/questions/find_nodes.ts";
import { Neighbourhood } from "../../../src/graph/questions/neighbourhood.ts";
import { NodeLookup } from "../../../src/graph/questions/node_lookup.ts";
import { SqliteGraphReader } from "../../../src/graph/store/sqlite_graph_reader.ts";
import { GraphRows, hexadecimal } from "./graph_rows.ts";
import { RUNS, sampleGraph } from "./sample_graph.ts";

const edgeTypes = Object.keys(EDGE_TYPES) as EdgeType[];
const { database } = sampleGraph();
const lookup = new NodeLookup(database);

const named = (text: string) => findNodes(database, text).map((reference) => lookup.node(reference).id);
const wholeGraph = new SqliteGraphReader(database);

function around(text: string, depth = 1, limit = 10): Neighbourhood {
  const [reference] = findNodes(database, text);
  return new Neighbourhood(database, reference!, { depth, limit });
}

function idsOf(neighbourhood: Neighbourhood): string[] {
  return NODE_TYPES.flatMap((type) => [...neighbourhood.nodes(type)].map(({ id }) => id)).sort();
}

Deno.test("a node is found by what people call it", () => {
  assert.deepEqual(named("192.0.2.1"), ["ip:192.0.2.1"]);
  assert.deepEqual(named("2001:DB8:0:0::1"), ["ip:2001:db8::1"]);
  assert.deepEqual(named("as64500"), ["as:64500"]);
  assert.deepEqual(named("WWW.shop.example"), ["domain:www.shop.example"]);
  assert.deepEqual(named("*.hosting.example"), ["domain:*.hosting.example"]);
  assert.deepEqual(named("EXAMPLE SHOP, Inc."), ["org:example%20shop"]);
  assert.deepEqual(named(hexadecimal("shop-1").toUpperCase()), [`cert:${hexadecimal("shop-1")}`]);
  assert.deepEqual(named(hexadecimal("shop-1").slice(0, 8)), [`cert:${hexadecimal("shop-1")}`]);
  assert.deepEqual(named(hexadecimal("shared key").slice(0, 9)), [`key:${hexadecimal("shared key")}`]);
  assert.deepEqual(named("CN=Unseen CA"), [authorityNodeId("CN=Unseen CA", null)]);
  assert.deepEqual(named("20260301"), [`run:${RUNS[2]}`]);
  assert.deepEqual(named("2026"), RUNS.map((name) => `run:${name}`), "all that it names");
  for (const text of ["", "nowhere.example", "192.0.2.99", "AS1", "beef", "cert:12", "ip:", "org:%"]) {
    assert.deepEqual(named(text), [], text);
  }
});

Deno.test("every node is found by its identifier, and read as the whole graph reads it", () => {
  for (const type of NODE_TYPES) {
    for (const node of wholeGraph.nodes(type)) {
      const [found, ...more] = findNodes(database, node.id);
      assert.deepEqual(lookup.node(found!), node);
      assert.deepEqual(more, [], node.id);
    }
  }
});

Deno.test("of the many keys under one name a few are candidates", () => {
  const rows = new GraphRows();
  rows.run(RUNS[0]);
  const subject = "CN=router";
  for (let count = 1; count <= 12; count += 1) {
    rows.certificate(`router ${count}`, { subject, issuer: subject, selfSigned: true, runs: [RUNS[0]] });
  }
  assert.equal(findNodes(rows.database, subject).length, 10);
});

Deno.test("a text that is no name leads to nodes whose names hold it", () => {
  const similar = findSimilarNodes(database, "SHOP").map((reference) => lookup.node(reference).id);
  assert.deepEqual(similar, [
    "domain:shop.example",
    "domain:www.shop.example",
    "org:example%20shop",
    ...["shop-1", "shop-2"].map((name) => `cert:${hexadecimal(name)}`),
  ]);
});

Deno.test("one step leads to the neighbours, with edges as the whole graph has them", () => {
  const neighbourhood = around("192.0.2.1");
  assert.deepEqual(
    idsOf(neighbourhood),
    [
      "as:64500",
      "ip:192.0.2.1",
      ...["shop-1", "shop-2", "wildcard"].map((name) => `cert:${hexadecimal(name)}`),
    ].sort(),
  );
  for (const type of edgeTypes) {
    const expected = type === "SEEN_IN_RUN"
      ? []
      : [...wholeGraph.edges(type)].filter(({ source }) => source === "ip:192.0.2.1");
    const key = (edge: { target: string }) => edge.target;
    assert.deepEqual(
      [...neighbourhood.edges(type)].toSorted((a, b) => key(a) < key(b) ? -1 : 1),
      expected,
    );
  }
});

Deno.test("enough steps lead everywhere that edges do", () => {
  const everything = NODE_TYPES.filter((type) => type !== "ScanRun")
    .flatMap((type) => [...wholeGraph.nodes(type)].map(({ id }) => id));
  // The router stands alone with its address, which shares an AS; one address serves nothing.
  assert.deepEqual(idsOf(around("192.0.2.1", 5)), everything.filter((id) => id !== "ip:2001:db8::").sort());
  assert.deepEqual(idsOf(around("2001:db8::", 5)), ["ip:2001:db8::"]);
  assert.deepEqual(idsOf(around("192.0.2.1", 0)), ["ip:192.0.2.1"]);
});

Deno.test("a run is shown with what it saw", () => {
  const groups = around(RUNS[1]).groupsOf(`run:${RUNS[1]}`);
  assert.deepEqual(
    groups.map(({ edge, neighbourType, neighbours }) => [edge, neighbourType, neighbours.length]),
    [
      ["SEEN_IN_RUN", "IP", 2],
      ["SEEN_IN_RUN", "Certificate", 3],
    ],
  );
});

Deno.test("of 50,000 neighbours a few are shown and the others are counted", () => {
  const rows = new GraphRows();
  rows.run(RUNS[0]);
  rows.certificate("hub", { runs: [RUNS[0]] });
  rows.database.exec(`
    WITH RECURSIVE number (value) AS (VALUES (1) UNION ALL SELECT value + 1 FROM number WHERE value < 50000)
    INSERT INTO ip (id) SELECT 3221225984 + value FROM number;
    INSERT INTO ip_in_run SELECT id, 1, 443 FROM ip;
    INSERT INTO serves SELECT id, 1, 443, 0, 1 FROM ip;`);
  const [reference] = findNodes(rows.database, `cert:${hexadecimal("hub")}`);
  const neighbourhood = new Neighbourhood(rows.database, reference!, { depth: 2, limit: 50 });
  const served = neighbourhood.groupsOf(neighbourhood.start.id).find(({ edge }) => edge === "SERVES");
  assert.equal(served?.neighbours[0]?.label, "192.0.2.1");
  assert.deepEqual([served?.neighbours.length, served?.omitted, served?.isOmittedAtLeast], [
    50,
    49_950,
    false,
  ]);
  assert.equal([...neighbourhood.edges("SERVES")].length, 50);
});
