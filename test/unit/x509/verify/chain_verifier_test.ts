import assert from "node:assert/strict";
import { ChainVerifier, TrustStore, type Verification } from "../../../../src/x509/verify/mod.ts";
import { readLink } from "../../../../src/x509/verify/link.ts";
import { text } from "../build.ts";
import { authority, digestOf, issue, makeKeys, server, withHash } from "./issue.ts";
import { NOW, type Scenario, scenarios } from "./scenarios.ts";

function verify({ roots, chain, serverName, address }: Scenario): Promise<Verification> {
  const store = new TrustStore("test", roots.map(({ der }) => readLink(der)));
  const expected = serverName === undefined ? { address } : { address, serverName };
  return new ChainVerifier(store, { now: NOW }).verify(chain.map(({ der }) => der), expected);
}

for (const scenario of scenarios()) {
  Deno.test(`${scenario.what}: ${scenario.verdict}`, async () => {
    const verification = await verify(scenario);
    assert.equal(verification.verdict, scenario.verdict, JSON.stringify(verification));
    if (scenario.path) assert.deepEqual(verification.path, scenario.path.map(digestOf));
    assert.equal(verification.problems.length === 0, scenario.verdict === "trusted");
  });
}

Deno.test("all problems are told, the gravest first", async () => {
  const keys = withHash(makeKeys("RSA-1024"), "md5");
  const stranger = issue("Stranger", keys, undefined, { extensions: authority() });
  const leaf = issue("Leaf", keys, stranger, {
    extensions: server("www.example.org"),
    notAfter: text(0x17, "250101000000Z"),
  });
  const verification = await verify({
    what: "",
    verdict: "incomplete_chain",
    roots: [],
    chain: [leaf],
    serverName: "www.example.com",
    address: "192.0.2.7",
  });
  assert.deepEqual(verification, {
    verdict: "incomplete_chain",
    problems: ["incomplete_chain", "expired", "weak_signature", "weak_key", "name_mismatch"],
    reason: "the path ends at CN=Leaf: its issuer was not sent and is no root",
    path: [digestOf(leaf)],
  });
});
