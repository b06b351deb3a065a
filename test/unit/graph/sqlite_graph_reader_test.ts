import assert from "node:assert/strict";
import type { DatabaseSync } from "node:sqlite";
import {
  EDGE_PROPERTIES,
  EDGE_TYPES,
  type EdgeType,
  NODE_PROPERTIES,
  NODE_TYPES,
} from "../../../src/graph/model.ts";
import { authorityNodeId } from "../../../src/graph/node_ids.ts";
import { SqliteGraphReader } from "../../../src/graph/store/sqlite_graph_reader.ts";
import { hexadecimal } from "./graph_rows.ts";
import { RUNS, sampleGraph } from "./sample_graph.ts";

const [first, second, third] = RUNS;
const edgeTypes = Object.keys(EDGE_TYPES) as EdgeType[];

function readSample() {
  const reader = new SqliteGraphReader(sampleGraph().database);
  return {
    nodes: NODE_TYPES.flatMap((type) => [...reader.nodes(type)]),
    edges: edgeTypes.flatMap((type) => [...reader.edges(type)]),
  };
}

const certificate = (name: string) => `cert:${hexadecimal(name)}`;

Deno.test("every node has what its type has, and one identifier", () => {
  const { nodes } = readSample();
  for (const { id, type, properties, firstRun, lastRun } of nodes) {
    assert.deepEqual(Object.keys(properties).sort(), Object.keys(NODE_PROPERTIES[type]).sort(), id);
    assert.match(id, /^[!-~]+$/);
    assert(RUNS.includes(firstRun as typeof first) && firstRun <= lastRun, id);
  }
  assert.equal(new Set(nodes.map(({ id }) => id)).size, nodes.length);
  assert.equal(nodes.length, 3 + 2 + 5 + 3 + 3 + 4 + 4 + 6);
});

Deno.test("edges lead from one node to another, of the types that they say", () => {
  const { nodes, edges } = readSample();
  const types = new Map(nodes.map(({ id, type }) => [id, type]));
  for (const { type, source, target, properties } of edges) {
    assert(
      (EDGE_TYPES[type].from as readonly string[]).includes(types.get(source)!),
      `${type} from ${source}`,
    );
    assert.equal(types.get(target), EDGE_TYPES[type].to, `${type} to ${target}`);
    assert.deepEqual(Object.keys(properties), Object.keys(EDGE_PROPERTIES[type]));
  }
});

Deno.test("nodes come in the order of their keys, however they came into the file", () => {
  const reader = new SqliteGraphReader(sampleGraph().database);
  const labels = (type: (typeof NODE_TYPES)[number]) => [...reader.nodes(type)].map(({ label }) => label);
  assert.deepEqual(labels("IP"), ["192.0.2.1", "192.0.2.2", "198.51.100.7", "2001:db8::", "2001:db8::1"]);
  assert.deepEqual(labels("ScanRun"), [...RUNS]);
  assert.deepEqual(labels("Domain"), [
    "*.hosting.example",
    "neighbour.example",
    "shop.example",
    "www.shop.example",
  ]);
  for (const type of ["Certificate", "PublicKey"] as const) {
    const ids = [...reader.nodes(type)].map(({ id }) => id);
    assert.deepEqual(ids, ids.toSorted());
  }
});

Deno.test("first and last runs are worked out from the runs that a node was seen in", () => {
  const { nodes } = readSample();
  const runs = new Map(nodes.map(({ id, firstRun, lastRun }) => [id, [firstRun, lastRun]]));
  assert.deepEqual(runs.get("ip:192.0.2.1"), [first, third]);
  assert.deepEqual(runs.get("ip:192.0.2.2"), [second, second]);
  assert.deepEqual(runs.get(certificate("shop-1")), [first, second]);
  assert.deepEqual(runs.get("domain:shop.example"), [first, third]);
  assert.deepEqual(runs.get("domain:neighbour.example"), [third, third]);
  assert.deepEqual(runs.get("org:example%20shop"), [first, third]);
  assert.deepEqual(runs.get(`key:${hexadecimal("key of shop-1")}`), [first, third]);
  assert.deepEqual(runs.get("as:64500"), [first, third]);
  const root = authorityNodeId("CN=Root, O=Sample Trust", hexadecimal("key of root"));
  assert.deepEqual(runs.get(root), [first, third]);
});

Deno.test("what a certificate says is in its node", () => {
  const { nodes } = readSample();
  assert.deepEqual(nodes.find(({ id }) => id === certificate("shop-1")), {
    id: certificate("shop-1"),
    type: "Certificate",
    label: "CN=shop.example, O=Example Shop GmbH",
    firstRun: first,
    lastRun: second,
    properties: {
      fingerprint: hexadecimal("shop-1"),
      subject: "CN=shop.example, O=Example Shop GmbH",
      issuer: "CN=Root, O=Sample Trust",
      serial_number: hexadecimal("shop-1").slice(0, 16),
      not_before: "2026-01-01T00:00:00Z",
      not_after: "2026-03-10T00:00:00Z",
      self_signed: false,
      authority: false,
      signature_algorithm: "ecdsa-with-SHA256",
      validation_level: "DV",
      addresses: 1,
    },
  });
  assert.deepEqual(nodes.find(({ id }) => id === "ip:192.0.2.2")?.properties, {
    address: "192.0.2.2",
    version: 4,
    open_ports: ["443", "8443"],
  });
});

Deno.test("a server shows a certificate once for each port and name, over all runs", () => {
  const { edges } = readSample();
  const served = edges
    .filter(({ type, source }) => type === "SERVES" && source === "ip:192.0.2.1")
    .map(({ target, properties, firstRun, lastRun }) => [target, properties.server_name, firstRun, lastRun]);
  assert.deepEqual(
    served,
    [
      [certificate("shop-1"), "shop.example", first, second],
      [certificate("shop-2"), "shop.example", third, third],
      [certificate("wildcard"), null, second, third],
    ].toSorted(([one], [other]) => one! < other! ? -1 : 1),
  );
});

Deno.test("a certificate that only chains name is known by its fingerprint, and issues under no name", () => {
  const rows = sampleGraph();
  rows.serves("192.0.2.2", ["neighbour", "unseen"], { runs: [second] });
  rows.database.exec("INSERT INTO certificate_in_run SELECT max(certificate.id), 1 FROM certificate");
  const reader = new SqliteGraphReader(rows.database);
  const node = [...reader.nodes("Certificate")].find(({ id }) => id === certificate("unseen"));
  assert.equal(node?.label, hexadecimal("unseen").slice(0, 16));
  const { fingerprint, addresses, ...details } = node.properties;
  assert.deepEqual([fingerprint, addresses], [hexadecimal("unseen"), 0]);
  assert(Object.values(details).every((value) => value === null));
  for (const type of ["ISSUED_BY", "USES_KEY", "OWNED_BY"] as const) {
    assert(![...reader.edges(type)].some(({ source }) => source === certificate("unseen")));
  }
});

Deno.test("an issuer is itself, what came behind in the chain, or a name without a key", () => {
  const { nodes, edges } = readSample();
  const authorities = new Map(nodes.filter(({ type }) => type === "CA").map((node) => [node.id, node]));
  const issuerOf = (name: string) => {
    const found = edges.filter(({ type, source }) => type === "ISSUED_BY" && source === certificate(name));
    return found.map(({ target }) => authorities.get(target)!.properties);
  };
  const root = {
    subject: "CN=Root, O=Sample Trust",
    key_fingerprint: hexadecimal("key of root"),
    organization: "Sample Trust",
  };
  assert.deepEqual(issuerOf("shop-1"), [root]);
  assert.deepEqual(issuerOf("root"), [root]);
  assert.deepEqual(issuerOf("neighbour"), [{
    subject: "CN=Unseen CA",
    key_fingerprint: null,
    organization: null,
  }]);
  assert.equal(issuerOf("router")[0]?.key_fingerprint, hexadecimal("key of router"));
});

Deno.test("an authority's name and key identifier name it as long as nobody has copied them", () => {
  const rows = sampleGraph();
  const keys = () => {
    const found = [...new SqliteGraphReader(rows.database).edges("ISSUED_BY")]
      .filter(({ source }) => source === certificate("asking"));
    return found.map(({ target }) => target);
  };
  const subject = "CN=Copied CA";
  const authority = { subject, authority: true, keyIdentifier: "copied", runs: [first] };
  rows.certificate("asking", { issuer: subject, authorityKeyIdentifier: "copied", runs: [first] });
  assert.deepEqual(keys(), [authorityNodeId(subject, null)]);
  rows.certificate("authority", { ...authority, key: "key of authority" });
  rows.certificate("renewed authority", { ...authority, key: "key of authority" });
  assert.deepEqual(keys(), [authorityNodeId(subject, hexadecimal("key of authority"))]);
  for (let copy = 1; copy <= 3; copy += 1) rows.certificate(`copy ${copy}`, authority);
  assert.deepEqual(keys(), [authorityNodeId(subject, null)]);
});

Deno.test("nothing is sorted that grows with the graph", () => {
  const { database } = sampleGraph();
  const queries: string[] = [];
  const recording = {
    prepare(sql: string) {
      queries.push(sql);
      return database.prepare(sql);
    },
  } as unknown as DatabaseSync;
  const reader = new SqliteGraphReader(recording);
  for (const type of NODE_TYPES) [...reader.nodes(type)];
  for (const type of edgeTypes) [...reader.edges(type)];
  assert(queries.length > 15);
  for (const sql of queries) {
    // What takes a parameter is one node's share.
    if (/\?/.test(sql)) continue;
    for (const { detail } of database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[]) {
      assert.doesNotMatch(detail, /TEMP B-TREE FOR (ORDER|GROUP|DISTINCT)/, sql);
    }
  }
});

Deno.test("reading can be left at any node", () => {
  const { database } = sampleGraph();
  const reader = new SqliteGraphReader(database);
  for (const node of reader.nodes("CA")) {
    assert.equal(node.type, "CA");
    break;
  }
  assert.equal([...reader.nodes("CA")].length, 3);
  database.close();
});
