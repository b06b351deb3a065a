import assert from "node:assert/strict";
import { readLink } from "../../../../src/x509/verify/link.ts";
import { ChainVerifier, TrustStore } from "../../../../src/x509/verify/mod.ts";
import { findPaths } from "../../../../src/x509/verify/path_finder.ts";
import { element, objectIdentifier, octets, sequence, subjectAlternativeName, text } from "../build.ts";
import { authority, issue, makeKeys, nameConstraints, server } from "./issue.ts";
import { NOW } from "./scenarios.ts";

const NAME = "www.example.com";
const EXPECTED = { serverName: NAME, address: "192.0.2.7" };

const root = issue("Root", makeKeys("P-256"), undefined, { extensions: authority() });
const store = new TrustStore("test", [readLink(root.der)]);

/** Every layer issued by every one of the next, and a way to the root at the far end only. */
function maze(layerCount: number, width: number) {
  const keys = Array.from({ length: width }, () => makeKeys("P-256"));
  const certificates: Uint8Array[] = [];
  for (let layer = 0; layer < layerCount; layer += 1) {
    for (const key of keys) {
      for (const issuerKey of keys) {
        const issuer = {
          der: root.der,
          subject: issue(`Layer ${layer + 1}`, issuerKey).subject,
          keys: issuerKey,
        };
        certificates.push(issue(`Layer ${layer}`, key, issuer, { extensions: authority() }).der);
      }
    }
  }
  const leafIssuer = issue("Layer 0", keys[0]!);
  return [issue(NAME, makeKeys("P-256"), leafIssuer, { extensions: server(NAME) }).der, ...certificates];
}

Deno.test("a maze of cross-signed authorities costs a bounded number of signatures", async () => {
  const [leaf, ...others] = maze(6, 3).map((der) => readLink(der));
  let checkCount = 0;
  const paths = await findPaths(leaf!, others, store, () => {
    checkCount += 1;
    return Promise.resolve("valid");
  });
  assert(checkCount <= 32, `${checkCount} signatures`);
  assert(paths.length > 0 && paths.every(({ isAnchored }) => !isAnchored));
  assert(paths.every(({ findings }) => findings.at(-1)?.problem === "incomplete_chain"));
});

Deno.test("authorities that issued each other in a circle end the path", async () => {
  const [one, other] = [makeKeys("P-256"), makeKeys("P-256")];
  const issuerOf = (subject: string, keys: typeof one) => issue(subject, keys);
  const first = issue("One", one, issuerOf("Other", other), { extensions: authority() });
  const second = issue("Other", other, issuerOf("One", one), { extensions: authority() });
  const leaf = issue(NAME, makeKeys("P-256"), first, { extensions: server(NAME) });
  const verifier = new ChainVerifier(store, { now: NOW });
  const { verdict, path } = await verifier.verify([leaf.der, first.der, second.der], EXPECTED);
  assert.equal(verdict, "incomplete_chain");
  assert.equal(path.length, 3);
});

Deno.test("of hundreds of certificates, the first are looked at", async () => {
  const middle = issue("Middle", makeKeys("P-256"), root, { extensions: authority() });
  const leaf = issue(NAME, makeKeys("P-256"), middle, { extensions: server(NAME) });
  const filler = new Array<Uint8Array>(254).fill(root.der);
  const verifier = new ChainVerifier(store, { now: NOW });
  assert.equal((await verifier.verify([leaf.der, middle.der, ...filler], EXPECTED)).verdict, "trusted");
  assert.equal(
    (await verifier.verify([leaf.der, ...filler, middle.der], EXPECTED)).verdict,
    "incomplete_chain",
  );
});

Deno.test("a huge RSA key with a huge exponent is not computed with", async () => {
  const number = (length: number) => element(0x02, octets(0), new Uint8Array(length).fill(0xc5));
  const algorithm = sequence(objectIdentifier("1.2.840.113549.1.1.1"), element(0x05));
  const publicKey = sequence(algorithm, element(0x03, octets(0), sequence(number(2048), number(2048))));
  const keys = { ...makeKeys("RSA-2048"), publicKey };
  const middle = issue("Middle", keys, root, { extensions: authority() });
  const leaf = issue(NAME, makeKeys("P-256"), middle, { extensions: server(NAME) });
  const verifier = new ChainVerifier(store, { now: NOW });
  const { verdict, problems } = await verifier.verify([leaf.der, middle.der], EXPECTED);
  assert.equal(verdict, "unsupported_signature");
  assert.deepEqual(problems, ["unsupported_signature"]);
});

Deno.test("name constraints too many to compare are not taken for kept", async () => {
  const names = Array.from({ length: 2000 }, (_, index) => text(0x82, `host-${index}.example.com`));
  const bases = Array.from({ length: 2000 }, (_, index) => text(0x82, `host-${index}.example.org`));
  const middle = issue("Middle", makeKeys("P-256"), root, {
    extensions: [...authority(), nameConstraints({ excluded: bases })],
  });
  const leaf = issue(NAME, makeKeys("P-256"), middle, {
    extensions: [subjectAlternativeName(text(0x82, NAME), ...names)],
  });
  const verifier = new ChainVerifier(store, { now: NOW });
  const { verdict, reason } = await verifier.verify([leaf.der, middle.der], EXPECTED);
  assert.equal(verdict, "constraint_violated");
  assert.match(reason, /too many to be checked/);
});

Deno.test("octets that are no certificates get a verdict", async () => {
  const verifier = new ChainVerifier(store, { now: NOW });
  const leaf = issue(NAME, makeKeys("P-256"), root, { extensions: server(NAME) }).der;
  assert.equal((await verifier.verify([new Uint8Array()], EXPECTED)).verdict, "malformed");
  assert.equal((await verifier.verify([leaf.subarray(0, 150), root.der], EXPECTED)).verdict, "malformed");
  assert.equal((await verifier.verify([leaf, Uint8Array.of(0x30)], EXPECTED)).verdict, "trusted");
  await assert.rejects(verifier.verify([], EXPECTED), RangeError);
});

Deno.test("names of strangers are escaped in reasons", async () => {
  const verifier = new ChainVerifier(store, { now: NOW });
  const leaf = issue("\u001b[31mred\u0000", makeKeys("P-256"), undefined, { extensions: server(NAME) });
  const { reason } = await verifier.verify([leaf.der], EXPECTED);
  assert.match(reason, /^CN=\\1B\[31mred\\00 signed itself/);
});
