import assert from "node:assert/strict";
import { expiringCertificates, lastRun } from "../../../src/graph/questions/expiring.ts";
import { certificateHubs, keyHubs } from "../../../src/graph/questions/hubs.ts";
import { queryGraph } from "../../../src/graph/questions/query.ts";
import { sharedKeys } from "../../../src/graph/questions/shared_keys.ts";
import { GraphRows, hexadecimal } from "./graph_rows.ts";
import { RUNS, sampleGraph } from "./sample_graph.ts";

const seconds = (date: string) => Date.parse(date) / 1000;

Deno.test("hubs are certificates on several addresses, those on most in front", () => {
  const rows = sampleGraph();
  rows.address("203.0.113.1", { runs: [RUNS[0]] });
  rows.serves("203.0.113.1", ["shop-1"], { runs: [RUNS[0]] });
  assert.deepEqual(
    certificateHubs(rows.database, 10).map(({ fingerprint, addresses, domains }) => [
      fingerprint,
      addresses,
      domains,
    ]),
    [[hexadecimal("wildcard"), 3, 1], [hexadecimal("shop-1"), 2, 2]],
  );
  assert.equal(certificateHubs(rows.database, 1).length, 1);
});

Deno.test("hubs of keys are keys in several certificates, with the addresses of all of them", () => {
  const hubs = keyHubs(sampleGraph().database, 10);
  assert.deepEqual(
    hubs.map(({ fingerprint, certificates, addresses, more_addresses }) => [
      fingerprint,
      certificates,
      addresses,
      more_addresses,
    ]),
    [
      [hexadecimal("shared key"), 2, 3, false],
      [hexadecimal("key of shop-1"), 2, 1, false],
    ].toSorted(([one], [other]) => one! < other! ? -1 : 1),
  );
});

Deno.test("hubs are taken from indexes that hold nothing else, whatever the size of the graph", () => {
  const { database } = sampleGraph();
  const plans: string[][] = [];
  const watched = {
    prepare(sql: string) {
      const plan = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[];
      plans.push(plan.map(({ detail }) => detail));
      return database.prepare(sql);
    },
  } as unknown as typeof database;
  certificateHubs(watched, 10);
  keyHubs(watched, 10);
  const details = plans.flat();
  assert(details.some((detail) => /^SEARCH certificate USING INDEX certificate_by_addresses/.test(detail)));
  assert(details.some((detail) => /^SEARCH public_key USING INDEX public_key_by_certificates/.test(detail)));
  for (const detail of details) {
    assert.doesNotMatch(detail, /TEMP B-TREE FOR (ORDER|GROUP)|SCAN (?!\(subquery)/);
  }
});

Deno.test("of a key in very many certificates not every address is counted", () => {
  const rows = new GraphRows();
  rows.run(RUNS[0]);
  for (const name of ["one", "other"]) rows.certificate(name, { key: "key", runs: [RUNS[0]] });
  rows.database.exec(`
    WITH RECURSIVE number (value) AS (VALUES (1) UNION ALL SELECT value + 1 FROM number WHERE value < 6000)
    INSERT INTO ip (id) SELECT value FROM number;
    INSERT INTO serves SELECT id, 1, 443, 0, 1 FROM ip`);
  const [hub] = keyHubs(rows.database, 1);
  assert.deepEqual([hub?.addresses, hub?.more_addresses], [5_000, true]);
});

Deno.test("keys of different owners come before those of renewals", () => {
  const keys = [...sharedKeys(sampleGraph().database, 10)];
  assert.deepEqual(
    keys.map(({ fingerprint, certificates, subjects }) => [fingerprint, certificates, subjects]),
    [[hexadecimal("shared key"), 2, 2], [hexadecimal("key of shop-1"), 2, 1]],
  );
  assert.deepEqual(
    keys[0]?.used_by.map(({ fingerprint, addresses, some_addresses }) => [
      fingerprint,
      addresses,
      some_addresses,
    ]),
    [
      [hexadecimal("wildcard"), 3, ["192.0.2.1", "198.51.100.7", "2001:db8::1"]],
      [hexadecimal("neighbour"), 1, ["2001:db8::1"]],
    ],
  );
});

Deno.test("what expires and is still served is found, with names and the addresses of the last run", () => {
  const { database } = sampleGraph();
  const run = lastRun(database);
  assert.equal(run?.name, RUNS[2]);
  const within = (from: string | undefined, to: string) =>
    [...expiringCertificates(database, {
      ...(from === undefined ? {} : { from: seconds(from) }),
      to: seconds(to),
    }, run!.id)].map(({ fingerprint, some_domains, some_addresses }) => [
      fingerprint,
      some_domains,
      some_addresses,
    ]);
  // shop-1 ends on 10 March, and was not seen any more.
  assert.deepEqual(within("2026-03-01", "2026-03-31"), [
    [hexadecimal("shop-2"), ["shop.example", "www.shop.example"], ["192.0.2.1"]],
  ]);
  assert.deepEqual(within(undefined, "2026-03-01"), [
    [hexadecimal("wildcard"), ["*.hosting.example"], ["192.0.2.1", "198.51.100.7", "2001:db8::1"]],
  ]);
  assert.deepEqual(within("2026-03-20", "2026-03-20").length, 1, "both ends belong to the span");
  assert.deepEqual(within("2027-01-01", "2028-01-01"), []);
});

Deno.test("a query gives exact numbers, octets, and columns of one name under two", () => {
  const { columns, rows } = queryGraph(
    sampleGraph().database,
    "SELECT 9007199254740993 AS big, x'00ff' AS octets, NULL AS nil, 1.5 AS big",
  );
  assert.deepEqual(columns, ["big", "octets", "nil", "big_2"]);
  assert.deepEqual([...rows], [[9007199254740993n, new Uint8Array([0, 255]), null, 1.5]]);
});

Deno.test("an error in SQL comes with what there is to ask", () => {
  const { database } = sampleGraph();
  assert.throws(
    () => queryGraph(database, "SELECT * FROM certificates"),
    /^Error: Cannot run this query: no such table: certificates\nThe tables and views are\n {2}autonomous_system, /,
  );
  // What hides behind WITH is no table, and what fails late fails.
  const refusal = /^Error: Cannot run this query: a graph is only read here \(SQLite: .*\)$/;
  for (
    const sql of [
      "WITH x AS (SELECT 1) DELETE FROM ip",
      "WITH x AS (SELECT 5) INSERT INTO ip (id) SELECT * FROM x",
      "SELECT load_extension('x')",
    ]
  ) {
    assert.throws(() => [...queryGraph(database, sql).rows], refusal);
  }
  assert.throws(
    () => [...queryGraph(database, "SELECT abs(-9223372036854775807 - 1)").rows],
    /Cannot run this query: integer overflow/,
  );
  assert.equal([...queryGraph(database, "SELECT * FROM ip").rows].length, 5);
});
