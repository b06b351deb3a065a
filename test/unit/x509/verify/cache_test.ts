import assert from "node:assert/strict";
import { BoundedCache } from "../../../../src/x509/verify/bounded_cache.ts";
import { readLink } from "../../../../src/x509/verify/link.ts";
import { ChainVerifier, TrustStore } from "../../../../src/x509/verify/mod.ts";
import { authority, issue, makeKeys, server } from "./issue.ts";
import { NOW } from "./scenarios.ts";

Deno.test("a cache keeps what was used last", () => {
  const cache = new BoundedCache<number>(2);
  const made: string[] = [];
  const get = (key: string) =>
    cache.get(key, () => {
      made.push(key);
      return made.length;
    });
  assert.deepEqual(["a", "b", "a", "c", "a", "b"].map(get), [1, 2, 1, 3, 1, 4]);
  assert.deepEqual(made, ["a", "b", "c", "b"]);
});

Deno.test("names and times are judged each time, whatever is kept of a chain", async () => {
  const root = issue("Root", makeKeys("P-256"), undefined, { extensions: authority() });
  const leaf = issue("Leaf", makeKeys("P-256"), root, { extensions: server("a.example", "b.example") });
  const store = new TrustStore("test", [readLink(root.der)]);
  const now = new Date(NOW);
  const verifier = new ChainVerifier(store, { now });
  const verdictFor = async (serverName: string) => {
    const { verdict } = await verifier.verify([leaf.der.slice()], { serverName, address: "192.0.2.7" });
    return verdict;
  };
  assert.equal(await verdictFor("a.example"), "trusted");
  assert.equal(await verdictFor("c.example"), "name_mismatch");
  assert.equal(await verdictFor("b.example"), "trusted");
  now.setUTCFullYear(2050);
  assert.equal(await verdictFor("a.example"), "expired");
  now.setUTCFullYear(2020);
  assert.equal(await verdictFor("a.example"), "not_yet_valid");
});

Deno.test("a chain in octets that are overwritten later stays what it was", async () => {
  const root = issue("Root", makeKeys("P-256"), undefined, { extensions: authority() });
  const middle = issue("Middle", makeKeys("P-256"), root, { extensions: authority() });
  const leaves = ["a.example", "b.example"].map((name) =>
    issue(name, makeKeys("P-256"), middle, { extensions: server(name) }).der
  );
  const verifier = new ChainVerifier(new TrustStore("test", [readLink(root.der)]), { now: NOW });
  for (const [index, leaf] of leaves.entries()) {
    const sent = middle.der.slice();
    const expected = { serverName: ["a.example", "b.example"][index]!, address: "192.0.2.7" };
    assert.equal((await verifier.verify([leaf, sent], expected)).verdict, "trusted");
    sent.fill(0);
  }
});

Deno.test("chains that are too long to be kept are judged all the same, each time", async () => {
  const root = issue("Root", makeKeys("P-256"), undefined, { extensions: authority() });
  const names = Array.from({ length: 1_000 }, (_, index) => `host-${index}.long.example`);
  const leaf = issue("Leaf", makeKeys("P-256"), root, { extensions: server(...names) });
  assert.ok(leaf.der.length > 16_384);
  const verifier = new ChainVerifier(new TrustStore("test", [readLink(root.der)]), { now: NOW });
  for (const name of ["host-0.long.example", "host-999.long.example"]) {
    const { verdict } = await verifier.verify([leaf.der], { serverName: name, address: "192.0.2.7" });
    assert.equal(verdict, "trusted");
  }
});
