import assert from "node:assert/strict";
import { readLink } from "../../../../src/x509/verify/link.ts";
import { ChainVerifier, TrustStore } from "../../../../src/x509/verify/mod.ts";
import { authority, issue, makeKeys, server } from "./issue.ts";
import { NOW } from "./scenarios.ts";

const EXPECTED = { serverName: "www.example.com", address: "192.0.2.7" };

const root = issue("Root", makeKeys("P-256"), undefined, { extensions: authority() });
const middle = issue("Middle", makeKeys("Ed25519"), root, { extensions: authority() });
const leaf = issue("Leaf", makeKeys("P-256"), middle, { extensions: server("www.example.com") });

Deno.test("no octet of a chain can be changed without losing its trust", async () => {
  const store = new TrustStore("test", [readLink(root.der)]);
  const verifier = new ChainVerifier(store, { now: NOW });
  const chain = [leaf.der, middle.der];
  assert.equal((await verifier.verify(chain, EXPECTED)).verdict, "trusted");
  for (const [place, certificate] of chain.entries()) {
    for (let index = 0; index < certificate.length; index += 1) {
      const changed = certificate.slice();
      changed[index]! ^= 1 << index % 8;
      const { verdict } = await verifier.verify(chain.with(place, changed), EXPECTED);
      assert.notEqual(verdict, "trusted", `octet ${index} of certificate ${place}`);
    }
  }
});

Deno.test("no certificate can be cut without losing its trust", async () => {
  const store = new TrustStore("test", [readLink(root.der)]);
  const verifier = new ChainVerifier(store, { now: NOW });
  for (let length = 0; length < leaf.der.length; length += 1) {
    const { verdict } = await verifier.verify([leaf.der.subarray(0, length), middle.der], EXPECTED);
    assert.notEqual(verdict, "trusted", `${length} octets`);
  }
});
