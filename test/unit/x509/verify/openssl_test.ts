import assert from "node:assert/strict";
import { join } from "node:path";
import type { Verdict } from "../../../../src/x509/verify/mod.ts";
import { type Entity, pem } from "./issue.ts";
import { NOW, type Scenario, scenarios } from "./scenarios.ts";

/** OpenSSL's error numbers (x509_vfy.h), as our verdicts. */
const VERDICTS: Readonly<Record<string, Verdict>> = {
  7: "invalid_signature",
  9: "not_yet_valid",
  10: "expired",
  18: "self_signed",
  19: "unknown_issuer",
  20: "incomplete_chain",
  24: "constraint_violated", // invalid CA
  25: "constraint_violated", // path length
  26: "not_a_server", // unsuitable purpose
  32: "constraint_violated", // key usage without certificate signing
  34: "constraint_violated", // unhandled critical extension
  47: "constraint_violated", // permitted subtree
  48: "constraint_violated", // excluded subtree
  62: "name_mismatch",
  64: "name_mismatch", // IP address
  66: "weak_key", // of the server
  67: "weak_key", // of an authority
  68: "weak_signature",
  79: "constraint_violated", // no authority
};

/** Where OpenSSL says something else. */
const DIFFERENT: Readonly<Record<string, Verdict>> = {
  // It takes the first authority of the right name and does not come back to try the other.
  "cross-signed, the second way known": "incomplete_chain",
  // It has no word for it: such a certificate has no issuer.
  "a duplicate extension": "incomplete_chain",
};

/** What OpenSSL finds wrong, in our words. */
async function opensslVerdicts(folder: string, scenario: Scenario): Promise<Verdict[]> {
  const { roots, chain: [leaf, ...others], serverName, address } = scenario;
  const write = async (name: string, entities: readonly Entity[]) => {
    const path = join(folder, name);
    await Deno.writeTextFile(path, entities.map(({ der }) => pem(der)).join(""));
    return path;
  };
  const { success, stdout, stderr } = await new Deno.Command("openssl", {
    args: [
      "verify",
      ...["-purpose", "sslserver", "-auth_level", "2", "-attime", `${NOW.getTime() / 1000}`],
      ...serverName === undefined ? ["-verify_ip", address] : ["-verify_hostname", serverName],
      ...["-CAfile", await write("roots.pem", roots), "-no-CApath"],
      ...others.length > 0 ? ["-untrusted", await write("others.pem", others)] : [],
      await write("leaf.pem", [leaf!]),
    ],
  }).output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  const verdicts = [...text.matchAll(/^error (\d+) at/gm)].map(([, code]) => {
    const verdict = VERDICTS[code!];
    assert(verdict !== undefined, text);
    return verdict;
  });
  assert.equal(verdicts.length === 0, success, text);
  return verdicts;
}

Deno.test("openssl verify finds what we find", async (test) => {
  const folder = await Deno.makeTempDir();
  try {
    for (const scenario of scenarios()) {
      await test.step(scenario.what, async () => {
        const theirs = await opensslVerdicts(folder, scenario);
        const wanted = DIFFERENT[scenario.what] ?? scenario.verdict;
        if (wanted === "trusted") assert.deepEqual(theirs, []);
        else assert(theirs.includes(wanted), `ours: ${scenario.verdict}, theirs: ${theirs.join()}`);
      });
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
