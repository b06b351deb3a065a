import { deepEqual, equal, rejects } from "node:assert/strict";
import { holdSession, loadTrust, type Trust } from "../../../../src/tls/session/mod.ts";
import { basicConstraints, makeIdentity, pem } from "./identities.ts";
import { during, tlsServer } from "./servers.ts";

const NAME = "server.example";
const root = await makeIdentity("the root", { extensions: [basicConstraints(true)] });
const other = await makeIdentity("another root", { extensions: [basicConstraints(true)] });
const leaf = await makeIdentity("a leaf", { issuer: root, names: [NAME] });

async function withFile<T>(text: string, use: (path: string) => Promise<T>): Promise<T> {
  const path = await Deno.makeTempFile({ suffix: ".pem" });
  try {
    await Deno.writeTextFile(path, text);
    return await use(path);
  } finally {
    await Deno.remove(path);
  }
}

/** As the machine would be set up, for the time of `use`. */
async function withBundle<T>(path: string, use: () => Promise<T>): Promise<T> {
  const before = Deno.env.get("SSL_CERT_FILE");
  Deno.env.set("SSL_CERT_FILE", path);
  try {
    return await use();
  } finally {
    if (before === undefined) Deno.env.delete("SSL_CERT_FILE");
    else Deno.env.set("SSL_CERT_FILE", before);
  }
}

function outcomeWith(trust: Trust): Promise<string> {
  return during(tlsServer(leaf), async ({ port }) => {
    const session = await holdSession({
      address: "127.0.0.1",
      port,
      serverName: NAME,
      trust,
      deadlineMs: 10_000,
    });
    return session.outcome;
  });
}

const damaged = pem("CERTIFICATE", Uint8Array.of(0x30, 0x03, 0x02, 0x01, 0x00));

Deno.test("the roots in a file are trusted, whatever else stands in it", async () => {
  const text = `# Roots of our own\n${other.chainPem}\n${root.chainPem}${other.keyPem}`;
  await withFile(text, async (path) => {
    const trust = await loadTrust(path);
    deepEqual([trust.source, trust.rootCount], [path, 2]);
    equal(await outcomeWith(trust), "trusted");
  });
  await withFile(other.chainPem, async (path) => {
    equal(await outcomeWith(await loadTrust(path)), "unknown_issuer");
  });
});

Deno.test("a file that cannot be used is named, and why", async () => {
  const cannotRead = "Cannot read trusted roots from";
  await rejects(loadTrust("no/such.pem"), { message: `${cannotRead} no/such.pem: there is no such file` });
  await rejects(loadTrust("src"), {
    message: `${cannotRead} src: it is a folder; name a file of PEM certificates`,
  });
  await withFile("garbage", (path) =>
    rejects(loadTrust(path), {
      message: `Cannot trust ${path}: there is no certificate in it; name a file of PEM certificates`,
    }));
  const lines = root.chainPem.split("\n").length;
  const brokenOff = root.chainPem.slice(0, 200);
  for (const bad of [damaged, `${brokenOff}\n`, brokenOff.replace("M", "*")]) {
    await withFile(`${root.chainPem}${bad}${other.chainPem}`, (path) =>
      rejects(loadTrust(path), {
        message: `Cannot trust ${path}: the certificate in line ${lines} is damaged; take it out`,
      }));
  }
});

Deno.test("this machine's roots are used as far as they can be", async () => {
  await withFile(`${damaged}${root.chainPem}`, (path) =>
    withBundle(path, async () => {
      const trust = await loadTrust();
      deepEqual([trust.source, trust.rootCount], [path, 1]);
      equal(await outcomeWith(trust), "trusted");
    }));
  await withFile(
    damaged,
    (path) => withBundle(path, () => rejects(loadTrust(), { message: /there is no certificate in it/ })),
  );
  await withBundle(
    "no/such.pem",
    () => rejects(loadTrust(), { message: /^Cannot read trusted roots from no\/such\.pem/ }),
  );
});
