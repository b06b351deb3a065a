import { deepEqual, equal, rejects, throws } from "node:assert/strict";
import { holdSession, loadSystemTrust, type Trust, trustRoots } from "../../../../src/tls/session/mod.ts";
import { fingerprint } from "../../../../src/x509/mod.ts";
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

const damaged = Uint8Array.of(0x30, 0x03, 0x02, 0x01, 0x00);
const damagedPem = pem("CERTIFICATE", damaged);

Deno.test("certain roots are trusted, and no others", async () => {
  const trust = trustRoots("both roots", [other.chain[0]!, root.chain[0]!]);
  deepEqual([trust.source, trust.rootCount], ["both roots", 2]);
  equal(await outcomeWith(trust), "trusted");
  equal(await outcomeWith(trustRoots("one root", other.chain)), "unknown_issuer");
});

Deno.test("a root that Deno's TLS cannot use is named", () => {
  throws(() => trustRoots("roots.pem", [root.chain[0]!, damaged]), {
    message: `Cannot trust roots.pem: Deno's TLS cannot use the certificate ${fingerprint(damaged)} in it; ` +
      "take it out",
  });
});

Deno.test("this machine's roots are used as far as they can be", async () => {
  await withFile(`${damagedPem}${root.chainPem}`, (path) =>
    withBundle(path, async () => {
      const trust = await loadSystemTrust();
      deepEqual([trust.source, trust.rootCount], [path, 1]);
      equal(await outcomeWith(trust), "trusted");
    }));
  await withFile(
    damagedPem,
    (path) =>
      withBundle(path, () => rejects(loadSystemTrust(), { message: /there is no certificate in it/ })),
  );
  await withBundle(
    "no/such.pem",
    () => rejects(loadSystemTrust(), { message: /^Cannot read trusted roots from no\/such\.pem/ }),
  );
});
