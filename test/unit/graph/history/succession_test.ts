import assert from "node:assert/strict";
import { CERTIFICATES_SHOWN_MAX } from "../../../../src/graph/history/succession.ts";
import { hexadecimal } from "../graph_rows.ts";
import { graphOf, type Served, told } from "./served.ts";

const [x, y, z] = ["192.0.2.1", "192.0.2.2", "192.0.2.3"] as const;

/** What is told of `domain.example` when each run sees this. */
function successions(name: string, runs: readonly Served[], expected: readonly string[]): void {
  Deno.test(`history: ${name}`, () => {
    const rows = graphOf(runs);
    assert.deepEqual(told(rows), expected.map((event) => `domain.example: CertRotation ${event}`));
  });
}

successions("one run changes nothing", [{ [x]: "a b" }], []);

successions("the same certificate is no event", [{ [x]: "a" }, { [x]: "a" }], []);

successions("a new one in the old one's place is one", [{ [x]: "a" }, { [x]: "b" }], [
  "a -> b, 1 -> 2, on 192.0.2.1",
]);

successions("each step of a row of them is told", [{ [x]: "a" }, { [x]: "b" }, { [x]: "c" }], [
  "a -> b, 1 -> 2, on 192.0.2.1",
  "b -> c, 2 -> 3, on 192.0.2.1",
]);

successions("a domain that a run did not see is compared with the run before", [{ [x]: "a" }, {}, {
  [x]: "b",
}], [
  "a -> b, 1 -> 3, on 192.0.2.1",
]);

successions("certificates that are added or dropped are no events", [
  { [x]: "a" },
  { [x]: "a", [y]: "b" },
  { [x]: "a", [y]: "b", "192.0.2.1 8443": "c" },
  { [y]: "b" },
  { "192.0.2.1 8443": "c" },
], []);

successions("a CDN that shows several at once has none", [
  { [x]: "a", [y]: "b", [z]: "c" },
  { [x]: "b", [y]: "c", [z]: "a" },
  { [x]: "c", [y]: "c", [z]: "b" },
], []);

successions("a server that takes over what another one shows already drops its own, which is no event", [
  { [x]: "a", [y]: "b", [z]: "c" },
  { [x]: "b", [y]: "b", [z]: "c2" },
], ["c -> c2, 1 -> 2, on 192.0.2.3"]);

successions("a CDN of which each run sees another part has none", [
  { [x]: "a", [y]: "b" },
  { [y]: "b", [z]: "c" },
  { [x]: "a" },
  { [z]: "c" },
  { "192.0.2.4": "d" },
], []);

successions("one certificate of a CDN is renewed, and the others are not", [
  { [x]: "a", [y]: "b", [z]: "c" },
  { [x]: "a", [y]: "b2", [z]: "c" },
], ["b -> b2, 1 -> 2, on 192.0.2.2"]);

successions("a replacement that goes from address to address is told when the old one is gone", [
  { [x]: "a", [y]: "a", [z]: "a" },
  { [x]: "b", [y]: "a", [z]: "a" },
  { [x]: "b", [y]: "b", [z]: "a" },
  { [x]: "b", [y]: "b", [z]: "b" },
], ["a -> b, 3 -> 4, on 192.0.2.3"]);

successions("so is one that goes from port to port", [
  { [x]: "a", "192.0.2.1 8443": "a" },
  { [x]: "a", "192.0.2.1 8443": "b" },
  { [x]: "a", "192.0.2.1 8443": "b" },
  { [x]: "b", "192.0.2.1 8443": "b" },
], ["a -> b, 3 -> 4, on 192.0.2.1"]);

successions("what comes back is told once", [
  { [x]: "a" },
  { [x]: "b" },
  { [x]: "a" },
  { [x]: "b" },
  { [x]: "a" },
], ["a -> b, 1 -> 2, on 192.0.2.1"]);

successions("a pool behind one address is told as it gets known, and no more", [
  { [x]: "a" },
  { [x]: "b" },
  { [x]: "a" },
  { [x]: "c" },
  { [x]: "b" },
  { [x]: "c" },
  { [x]: "a" },
  { [x]: "c" },
], ["a -> b, 1 -> 2, on 192.0.2.1", "a -> c, 3 -> 4, on 192.0.2.1"]);

successions("somebody who takes the place for one run is told each time", [
  { [x]: "a" },
  { [x]: "intruder" },
  { [x]: "a" },
  { [x]: "other-intruder" },
  { [x]: "a" },
], ["a -> intruder, 1 -> 2, on 192.0.2.1", "a -> other-intruder, 3 -> 4, on 192.0.2.1"]);

successions(
  "runs that each see a part are compared address by address",
  [
    { [x]: "a" },
    { [y]: "b" },
    { [x]: "a2" },
    { [y]: "b2" },
  ].map((served) => ({ ...served, [z]: "c" })),
  [
    "a -> a2, 1 -> 3, on 192.0.2.1",
    "b -> b2, 2 -> 4, on 192.0.2.2",
  ],
);

successions("an address that missed the change tells no second story of it", [
  { [x]: "a", [y]: "a" },
  { [x]: "b" },
  { [x]: "c" },
  { [x]: "c", [y]: "c" },
], ["a -> b, 1 -> 2, on 192.0.2.1", "b -> c, 2 -> 3, on 192.0.2.1"]);

successions("an address that a run did not see may still have the old one, which is told once", [
  { [x]: "a", [y]: "a" },
  { [x]: "b" },
  { [x]: "b", [y]: "a" },
  { [x]: "b", [y]: "b" },
], ["a -> b, 1 -> 2, on 192.0.2.1"]);

successions("what it is compared with is the last run in which one of the addresses showed the old one", [
  { [x]: "a" },
  { [y]: "a" },
  { [x]: "b", [y]: "b" },
], ["a -> b, 2 -> 3, on 192.0.2.1 192.0.2.2"]);

successions("many that one takes the place of are told each", [{ [x]: "a", [y]: "b" }, {
  [x]: "c",
  [y]: "c",
}], [
  "a -> c, 1 -> 2, on 192.0.2.1",
  "b -> c, 1 -> 2, on 192.0.2.2",
]);

successions("of many that take one's place, the one on most addresses has", [
  { [x]: "a", [y]: "a", [z]: "a" },
  { [x]: "b", [y]: "c", [z]: "c" },
], ["a -> c, 1 -> 2, on 192.0.2.2 192.0.2.3"]);

successions("or the one on its port", [
  { [x]: "a", "192.0.2.1 8443": "b" },
  { [x]: "a2", "192.0.2.1 8443": "b2" },
], ["a -> a2, 1 -> 2, on 192.0.2.1", "b -> b2, 1 -> 2, on 192.0.2.1"]);

successions("or under its server name", [
  { "192.0.2.1/one.example": "a", "192.0.2.1/two.example": "b" },
  { "192.0.2.1/one.example": "a2", "192.0.2.1/two.example": "b2" },
], ["a -> a2, 1 -> 2, on 192.0.2.1", "b -> b2, 1 -> 2, on 192.0.2.1"]);

successions("another certificate of the domain elsewhere does not matter", [
  { [x]: "a", [z]: "stranger" },
  { [x]: "b", [z]: "other-stranger" },
], ["a -> b, 1 -> 2, on 192.0.2.1", "stranger -> other-stranger, 1 -> 2, on 192.0.2.3"]);

Deno.test("history: an address that shows very many certificates at once proves nothing", () => {
  const shown = (count: number) => Array.from({ length: count }, (_, index) => `c${index}`).join(" ");
  const eventCount = (count: number) => told(graphOf([{ [x]: shown(count) }, { [x]: "new" }])).length;
  assert.equal(eventCount(CERTIFICATES_SHOWN_MAX), CERTIFICATES_SHOWN_MAX);
  assert.equal(eventCount(CERTIFICATES_SHOWN_MAX + 1), 0);
});

Deno.test("history: then the one with a key of its kind, the later one, the one first by fingerprint", () => {
  const certificates = { b: { notBefore: "2026-03-01" }, c: { notBefore: "2026-02-01" } };
  const runs = [{ [x]: "a" }, { [x]: "b c" }];
  assert.deepEqual(told(graphOf(runs, certificates)), [
    "domain.example: CertRotation a -> b, 1 -> 2, on 192.0.2.1",
  ]);

  const kinds = graphOf(runs, certificates);
  kinds.database.exec(
    "UPDATE public_key SET algorithm = 'RSA' WHERE id = (SELECT public_key FROM certificate " +
      "WHERE not_before = unixepoch('2026-03-01'))",
  );
  assert.deepEqual(told(kinds), ["domain.example: CertRotation a -> c, 1 -> 2, on 192.0.2.1"]);

  const [first] = ["b", "c"].sort((one, other) => hexadecimal(one) < hexadecimal(other) ? -1 : 1);
  assert.deepEqual(told(graphOf(runs)), [`domain.example: CertRotation a -> ${first}, 1 -> 2, on 192.0.2.1`]);
});

successions("a domain that has moved goes on elsewhere", [{ [x]: "a" }, { [y]: "b", [z]: "b" }], [
  "a -> b, 1 -> 2, on 192.0.2.2 192.0.2.3 from 192.0.2.1",
]);

successions("a domain that comes back to where it was has not moved", [
  { [x]: "a" },
  { [y]: "b" },
  { [x]: "a" },
  { [y]: "b" },
], ["a -> b, 1 -> 2, on 192.0.2.2 from 192.0.2.1"]);

successions("nor is it told twice if its certificates come back elsewhere", [
  { [x]: "a" },
  { [y]: "b" },
  { [z]: "a" },
  { "192.0.2.4": "b" },
], ["a -> b, 1 -> 2, on 192.0.2.2 from 192.0.2.1"]);

successions("a domain with several certificates is not believed to have moved", [
  { [x]: "a", [y]: "b" },
  { [z]: "c" },
], []);

successions("nor one that once had several, unless one has taken the other's place", [
  { [x]: "a", [y]: "b" },
  { [x]: "a" },
  { [z]: "c" },
], []);

successions("a replacement that took its time does not count for several", [
  { [x]: "a", [y]: "a" },
  { [x]: "b", [y]: "a" },
  { [x]: "b", [y]: "b" },
  { [z]: "c" },
], ["a -> b, 2 -> 3, on 192.0.2.2", "b -> c, 3 -> 4, on 192.0.2.3 from 192.0.2.1 192.0.2.2"]);

Deno.test("history: nobody moves between runs that asked differently, or did not come to their end", () => {
  const runs = [{ [x]: "a" }, { [y]: "b" }];
  const shard = (index: number) => ({ config: { shard: { index, count: 2 }, rate: 1000 * index } });
  assert.deepEqual(told(graphOf(runs, {}, { 1: shard(0), 2: shard(1) })), []);
  for (const shape of [{ outcome: "interrupted" }, { ended: false }]) {
    assert.deepEqual(told(graphOf(runs, {}, { 1: shape })), []);
    assert.deepEqual(told(graphOf(runs, {}, { 2: shape })), []);
  }
  const otherRate = {
    1: { config: { ports: [443], rate: 1000 } },
    2: { config: { ports: [443], rate: 2000 } },
  };
  assert.equal(told(graphOf(runs, {}, otherRate)).length, 1);
});

Deno.test("history: what a run has seen so far is provisional until it has come to its end", () => {
  const runs = [{ [x]: "a" }, { [x]: "b" }];
  const provisional = ["domain.example: CertRotation a -> b, 1 -> 2, on 192.0.2.1, provisional"];
  assert.deepEqual(told(graphOf(runs, {}, { 2: { ended: false } })), provisional);
  assert.deepEqual(told(graphOf(runs, {}, { 2: { outcome: "interrupted" } })), provisional);
});

Deno.test("history: runs are in the order of their names, not of their arrival", () => {
  const rows = graphOf([{ [x]: "a" }, { [x]: "b" }]);
  rows.database.exec("PRAGMA defer_foreign_keys = ON; UPDATE run SET name = '2025' WHERE id = 2");
  assert.deepEqual(told(rows), ["domain.example: CertRotation b -> a, 1 -> 2, on 192.0.2.1"]);
});

Deno.test("history: of many addresses the first are named, and all counted", () => {
  const all = (certificate: string) => {
    return Object.fromEntries(Array.from({ length: 25 }, (_, index) => [`192.0.2.${index}`, certificate]));
  };
  const [event] = told(graphOf([all("a"), all("b")]));
  const ten = Array.from({ length: 10 }, (_, index) => `192.0.2.${index}`);
  assert.equal(event, `domain.example: CertRotation a -> b, 1 -> 2, on ${ten.join(" ")} of 25`);
});
