import assert from "node:assert/strict";
import { loadTargets } from "../../../src/targets/mod.ts";

async function digestOf(targets: string[], ports = [{ first: 443, last: 443 }]): Promise<string> {
  return (await loadTargets({ targets, ports, includeSpecial: true })).targetSet.digest();
}

Deno.test("a target set has one digest, however it is written", async () => {
  const digest = await digestOf([
    "192.0.2.0/24",
    "2001:db8::/126",
    "198.51.100.7:8443",
    "192.0.2.1,a.example",
  ]);
  assert.match(digest, /^[0-9a-f]{64}$/);
  const again = [
    ...["192.0.2.1,a.example", "198.51.100.7:8443", "2001:db8::2-2001:db8::3", "2001:db8::-2001:db8::1"],
    ...["192.0.2.128/25", "192.0.2.0/25"],
  ];
  assert.equal(await digestOf(again), digest);
});

Deno.test("another set, other ports and other names have another", async () => {
  const sets = [
    ["192.0.2.0/24"],
    ["192.0.2.0-192.0.2.254"],
    ["192.0.3.0/24"],
    ["192.0.2.0/24:80"],
    ["192.0.2.0/24", "192.0.2.0/24:80"],
    ["192.0.2.0/24,a.example"],
    ["192.0.2.0/24,b.example"],
    ["192.0.2.0/24", "192.0.2.0/24,a.example"],
    ["192.0.2.0/24,a.example", "192.0.2.7,b.example"],
    ["2001:db8::/120"],
  ];
  const digests = await Promise.all(sets.map((targets) => digestOf(targets)));
  assert.equal(new Set(digests).size, sets.length);
  assert.notEqual(await digestOf(["192.0.2.0/24"], [{ first: 80, last: 443 }]), digests[0]);
});
