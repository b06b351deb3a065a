import { equal, match } from "node:assert/strict";
import { holdSession, type SessionResult, type TrustVerdict } from "../../../../src/tls/session/mod.ts";
import {
  basicConstraints,
  brokenConstraints,
  forClients,
  type Identity,
  makeIdentity,
  permittedName,
  TOMORROW,
  unknownCritical,
  withChain,
  YESTERDAY,
} from "./identities.ts";
import { during, tlsServer } from "./servers.ts";

const NAME = "server.example";
const LONG_AGO = new Date("2001-01-01T00:00:00Z");
const FAR_AHEAD = new Date("2049-01-01T00:00:00Z");

const root = await makeIdentity("the root", { extensions: [basicConstraints(true)] });
const stranger = await makeIdentity("a stranger", { extensions: [basicConstraints(true)] });

const leaf = (options: Parameters<typeof makeIdentity>[1] = {}) =>
  makeIdentity("a leaf", { issuer: root, names: [NAME], ...options });

/** Shows the chain of `identity` to a session that trusts the root alone. */
function show(identity: Identity, serverName: string | undefined = NAME): Promise<SessionResult> {
  return during(tlsServer(identity), ({ port }) =>
    holdSession({
      address: "127.0.0.1",
      port,
      serverName,
      trust: { source: "the test", rootCount: 1, caCerts: [root.chainPem] },
      chain: identity.chain,
      deadlineMs: 10_000,
    }));
}

async function expect(identity: Identity, verdict: TrustVerdict, reason: RegExp): Promise<void> {
  const result = await show(identity);
  equal(result.outcome, verdict, result.reason);
  match(result.reason ?? "", reason);
  equal(result.handshakeMs! > 0, true);
}

Deno.test("a chain that leads to a trusted root is trusted", async () => {
  await expect(await leaf(), "trusted", /^$/);
  const issuer = await makeIdentity("between", { issuer: root, extensions: [basicConstraints(true)] });
  await expect(await leaf({ issuer }), "trusted", /^$/);
});

Deno.test("a certificate counts between its dates", async () => {
  await expect(await leaf({ notBefore: LONG_AGO, notAfter: YESTERDAY }), "expired", /^certificate expired/);
  await expect(await leaf({ notBefore: TOMORROW, notAfter: FAR_AHEAD }), "not_yet_valid", /not valid yet/);
  const issuer = await makeIdentity("between", {
    issuer: root,
    extensions: [basicConstraints(true)],
    notBefore: LONG_AGO,
    notAfter: YESTERDAY,
  });
  await expect(await leaf({ issuer }), "expired", /^certificate expired/);
});

Deno.test("a certificate is for the name that was asked for, or for the address", async () => {
  await expect(await leaf({ names: ["other.example"] }), "name_mismatch", /only valid for .*other\.example/);
  await expect(await makeIdentity(NAME, { issuer: root }), "name_mismatch", /not valid for any names/);
  const { outcome, reason } = await during(tlsServer(await leaf()), ({ port }) =>
    holdSession({
      address: "127.0.0.1",
      port,
      trust: { source: "the test", rootCount: 1, caCerts: [root.chainPem] },
      deadlineMs: 10_000,
    }));
  equal(outcome, "name_mismatch");
  match(reason!, /for name "127\.0\.0\.1"/);
});

Deno.test("a name that Deno's TLS does not ask for is said to be one", async () => {
  const { outcome, reason, handshakeMs } = await show(await leaf(), "-server.example");
  equal(outcome, "unsupported_name");
  match(reason!, /-server\.example/);
  equal(handshakeMs, undefined);
});

Deno.test("many names make no long reason", async () => {
  const names = Array.from({ length: 500 }, (_, index) => `host-${index}.example`);
  const { outcome, reason } = await show(await leaf({ names }));
  equal(outcome, "name_mismatch");
  match(reason!, /^certificate not valid for name "server\.example".*\.\.\.$/);
  equal(reason!.length < 400, true);
});

Deno.test("nobody that is trusted signed it: someone else did, or itself", async () => {
  await expect(await leaf({ issuer: stranger }), "unknown_issuer", /^UnknownIssuer$/);
  const issuer = await makeIdentity("between", { issuer: root, extensions: [basicConstraints(true)] });
  const incomplete = await leaf({ issuer });
  await expect(withChain(incomplete, incomplete.chain.slice(0, 1)), "unknown_issuer", /^UnknownIssuer$/);
  await expect(await makeIdentity(NAME, { names: [NAME] }), "self_signed", /^UnknownIssuer$/);
  const authority = await makeIdentity(NAME, { names: [NAME], extensions: [basicConstraints(true)] });
  await expect(authority, "self_signed", /^CaUsedAsEndEntity$/);
});

Deno.test("an authority's own certificate is no server's", async () => {
  await expect(await leaf({ extensions: [basicConstraints(true)] }), "ca_as_leaf", /^CaUsedAsEndEntity$/);
});

Deno.test("a signature has to be right, and of a kind that is still accepted", async () => {
  const good = await leaf();
  const bad = good.chain[0]!.slice();
  bad[bad.length - 1]! ^= 1;
  await expect(withChain(good, [bad]), "invalid_signature", /^BadSignature$/);
  const key = { name: "RSASSA-PKCS1-v1_5", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
  const issuer = await makeIdentity("between", {
    issuer: root,
    extensions: [basicConstraints(true)],
    key: { ...key, hash: "SHA-1" },
  });
  await expect(
    await leaf({ issuer, hash: "SHA-1" }),
    "unsupported_signature",
    /^UnsupportedSignatureAlgorithm(Context \{ signature_algorithm_id: \[[\d, ]+\] \})?$/,
  );
});

Deno.test("a certificate is for servers", async () => {
  await expect(await leaf({ extensions: [forClients()] }), "not_a_server", /client authentication$/);
});

Deno.test("an issuer keeps within what it was allowed", async () => {
  const nobody = await makeIdentity("nobody", { issuer: root, extensions: [basicConstraints(false)] });
  await expect(await leaf({ issuer: nobody }), "constraint_violated", /^EndEntityUsedAsCa$/);
  const last = await makeIdentity("last", { issuer: root, extensions: [basicConstraints(true, 0)] });
  const beyond = await makeIdentity("beyond", { issuer: last, extensions: [basicConstraints(true)] });
  await expect(await leaf({ issuer: beyond }), "constraint_violated", /^PathLenConstraintViolated$/);
  const extensions = [basicConstraints(true), permittedName("allowed.example")];
  const local = await makeIdentity("local", { issuer: root, extensions });
  await expect(await leaf({ issuer: local }), "constraint_violated", /^NameConstraintViolation$/);
});

Deno.test("what nobody knows, and must know, cannot be judged", async () => {
  const extensions = [basicConstraints(true), unknownCritical()];
  const issuer = await makeIdentity("between", { issuer: root, extensions });
  await expect(await leaf({ issuer }), "unsupported_certificate", /^UnsupportedCriticalExtension$/);
});

Deno.test("a certificate that breaks its own rules is malformed", async () => {
  await expect(await leaf({ extensions: [brokenConstraints()] }), "malformed_certificate", /./);
});
