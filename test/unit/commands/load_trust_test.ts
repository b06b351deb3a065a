import assert from "node:assert/strict";
import { join } from "node:path";
import { loadTrust, type TrustOptions } from "../../../src/commands/load_trust.ts";
import { UsageError } from "../../../src/scan/errors.ts";
import { makeIdentity } from "../tls/session/identities.ts";

const ROOT = await makeIdentity("margay test root");

function asked(given: Partial<TrustOptions>): TrustOptions {
  return { verify: false, session: false, roots: undefined, ...given };
}

/** Bad roots by what is wrong with them, and what has to stand in the message beside the file. */
const BAD: Readonly<Record<string, readonly [content: string, told: RegExp]>> = {
  empty: ["", /name a file/],
  garbage: ["\0\xff\x01 nothing of the kind", /name a file/],
  "without a certificate": [ROOT.keyPem, /certificate/],
  damaged: [ROOT.chainPem + ROOT.chainPem.replace(/^(.{200}).{40}/s, "$1"), /line|:\d+/],
  truncated: [ROOT.chainPem.slice(0, 200), /line|:\d+/],
};

async function withFile(content: string, use: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "roots.pem");
    await Deno.writeTextFile(path, content);
    await use(path);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("nothing is read where nobody asks", async () => {
  const { verifier, session } = await loadTrust(asked({ roots: "missing.pem" }));
  assert.deepEqual([verifier, session], [undefined, undefined]);
});

Deno.test("both trust the roots of the file", () =>
  withFile(ROOT.chainPem, async (roots) => {
    const { verifier, session } = await loadTrust(asked({ verify: true, session: true, roots }));
    assert.deepEqual([session?.source, session?.rootCount], [roots, 1]);
    const { verdict } = await verifier!.verify(ROOT.chain, { address: "192.0.2.1" });
    assert.equal(verdict, "name_mismatch", "the root itself is trusted, and for no address");
  }));

Deno.test("without a file there are roots that are trusted by many", async () => {
  const { verifier, session } = await loadTrust(asked({ verify: true, session: true }));
  assert(verifier !== undefined && session !== undefined && session.rootCount > 50);
});

for (const question of ["verify", "session"] as const) {
  for (const [state, [content, told]] of Object.entries(BAD)) {
    Deno.test(`--${question} with roots that are ${state}`, () =>
      withFile(content, async (roots) => {
        await assert.rejects(loadTrust(asked({ [question]: true, roots })), (error: Error) => {
          assert(error instanceof UsageError, `${error}`);
          assert.match(error.message, /^Cannot .*; .*$/);
          assert(error.message.includes(roots), error.message);
          assert.match(error.message, told);
          return true;
        });
      }));
  }

  Deno.test(`--${question} with roots that are not there`, async () => {
    const expected = { name: UsageError.name, message: /missing\.pem: there is no such file/ };
    await assert.rejects(loadTrust(asked({ [question]: true, roots: "missing.pem" })), expected);
  });
}

Deno.test("both trust the certificate files of a folder, also in DER", async () => {
  const roots = await Deno.makeTempDir();
  try {
    await Deno.writeFile(join(roots, "root.der"), ROOT.chain[0]!);
    const { verifier, session } = await loadTrust(asked({ verify: true, session: true, roots }));
    assert.deepEqual([session?.source, session?.rootCount], [roots, 1]);
    const { verdict } = await verifier!.verify(ROOT.chain, { address: "192.0.2.1" });
    assert.equal(verdict, "name_mismatch");
  } finally {
    await Deno.remove(roots, { recursive: true });
  }
});
