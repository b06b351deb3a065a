import assert from "node:assert/strict";
import { CERTIFICATES_MAX, countChanges, history, readRunOrder } from "../../../../src/graph/history/mod.ts";
import { hexadecimal } from "../graph_rows.ts";
import { graphOf, runName, told } from "./served.ts";

const [x, y, z] = ["192.0.2.1", "2001:db8::2", "192.0.2.3"] as const;
const [one, two] = ["one.example", "two.example"].map((name) => ({ domains: [name] }));

const runs = [
  { [x]: "a", [y]: "b", [z]: "c" },
  { [x]: "a2", [y]: "b2", [z]: "c" },
  { [x]: "a3", [y]: "b2", [z]: "c2" },
];
const certificates = {
  a: one!,
  a2: one!,
  a3: { ...one!, issuer: "CN=Other, O=Other Trust", key: "key of a2" },
  b: two!,
  b2: { ...two!, issuer: "CN=Other, O=Other Trust" },
  c: { domains: ["three.example", "*.three.example"] },
  c2: { domains: ["three.example", "*.three.example"] },
};
const [rotation, migration, replacement, wildRotation, otherRotation] = [
  "one.example: CertRotation a -> a2, 1 -> 2, on 192.0.2.1",
  "one.example: CAMigration a2 -> a3, 2 -> 3, on 192.0.2.1",
  "two.example: SuspiciousReplacement b -> b2, 1 -> 2, on 2001:db8::2",
  "*.three.example: CertRotation c -> c2, 2 -> 3, on 192.0.2.3",
  "three.example: CertRotation c -> c2, 2 -> 3, on 192.0.2.3",
];

Deno.test("history goes by domain, those of the same certificates together, each domain's by run", () => {
  assert.deepEqual(told(graphOf(runs, certificates)), [
    replacement,
    rotation,
    migration,
    otherRotation,
    wildRotation,
  ]);
});

Deno.test("a part of history can be asked for", () => {
  const rows = graphOf(runs, certificates);
  assert.deepEqual(told(rows, { domain: "one.example" }), [rotation, migration]);
  assert.throws(() => told(rows, { domain: "nobody.example" }), {
    message: "Cannot tell the history of nobody.example: no certificate bears the name",
  });
  assert.deepEqual(told(rows, { since: 2 }), [migration, otherRotation, wildRotation]);
  assert.deepEqual(told(rows, { run: 1 }), [replacement, rotation]);
  assert.deepEqual(told(rows, { types: ["CAMigration", "SuspiciousReplacement"] }), [replacement, migration]);
  assert.deepEqual(told(rows, { domain: "one.example", since: 2, types: ["CertRotation"] }), []);
});

Deno.test("an event holds both certificates", () => {
  const { database } = graphOf(runs, certificates);
  const [event] = history(database, readRunOrder(database), { domain: "two.example" });
  const common = {
    self_signed: false,
    not_before: "2026-01-01T00:00:00Z",
    not_after: "2026-06-01T00:00:00Z",
    key_algorithm: "EC",
  };
  assert.deepEqual(event, {
    type: "SuspiciousReplacement",
    domain: "two.example",
    from: {
      ...common,
      fingerprint: hexadecimal("b"),
      issuer: "CN=Root, O=Sample Trust",
      key_fingerprint: hexadecimal("key of b"),
    },
    to: {
      ...common,
      fingerprint: hexadecimal("b2"),
      issuer: "CN=Other, O=Other Trust",
      key_fingerprint: hexadecimal("key of b2"),
    },
    from_run: runName(1),
    to_run: runName(2),
    address_count: 1,
    addresses: [y],
    moved_from: null,
    provisional: false,
  });
});

Deno.test("a certificate can claim years that no date holds", () => {
  const { database } = graphOf([{ [x]: "a" }, { [x]: "b" }]);
  database.exec("UPDATE certificate SET not_before = -99999999999999, not_after = NULL");
  const [event] = history(database, readRunOrder(database));
  assert.deepEqual([event?.from.not_before, event?.from.not_after], [null, null]);
});

Deno.test("CAs without an organization are told apart by the key behind their name", () => {
  const issued = { issuer: "CN=Our CA", key: "k" };
  const authority = { subject: "CN=Our CA", authority: true, domains: [] };
  const graph = (issuerKey: string) => {
    const rows = graphOf([{ [x]: "a", [z]: "ca" }, { [x]: "b", [z]: "ca2" }], {
      a: issued,
      b: issued,
      ca: { ...authority, key: "old" },
      ca2: { ...authority, key: issuerKey },
    });
    rows.serves(x, ["a", "ca"], { runs: [runName(1)] });
    rows.serves(x, ["b", "ca2"], { runs: [runName(2)] });
    return rows;
  };
  assert.deepEqual(told(graph("old")), ["domain.example: CertRotation a -> b, 1 -> 2, on 192.0.2.1"]);
  assert.deepEqual(told(graph("new")), ["domain.example: CAMigration a -> b, 1 -> 2, on 192.0.2.1"]);
});

Deno.test("a name that very many certificates bear is passed over, and said", () => {
  const names = Array.from({ length: CERTIFICATES_MAX }, (_, index) => `c${index}`);
  const passedOver: string[] = [];
  const onPassedOver = (domain: string) => passedOver.push(domain);
  const full = graphOf([{ [x]: "c0", [y]: names.slice(2).join(" ") }, { [x]: "c1" }]);
  assert.equal(told(full, { onPassedOver }).length, 1);
  assert.deepEqual(passedOver, []);
  const over = graphOf([{ [x]: names.join(" ") }, { [x]: "one-more" }]);
  assert.deepEqual(told(over, { onPassedOver }), []);
  assert.deepEqual(passedOver, ["domain.example"]);
});

Deno.test("what changed with one run is counted", () => {
  const { database } = graphOf(runs, certificates);
  assert.deepEqual([1, 2, 3].map((run) => countChanges(database, runName(run))), [
    { CertRotation: 0, CAMigration: 0, SuspiciousReplacement: 0 },
    { CertRotation: 1, CAMigration: 0, SuspiciousReplacement: 1 },
    { CertRotation: 2, CAMigration: 1, SuspiciousReplacement: 0 },
  ]);
  assert.equal(countChanges(database, "no such run"), undefined);
  assert.equal(countChanges(graphOf([{ [x]: "a" }]).database, runName(1)), undefined);
});

Deno.test("a run that comes while history is read is passed over", () => {
  const rows = graphOf(runs, certificates);
  const order = readRunOrder(rows.database);
  rows.run(runName(4));
  rows.serves(x, ["a4"], { runs: [runName(4)] });
  rows.certificate("a4", { ...one!, runs: [runName(4)] });
  assert.equal([...history(rows.database, order, { domain: "one.example" })].length, 2);
  assert.equal(told(rows, { domain: "one.example" }).length, 3);
});
