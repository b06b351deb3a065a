import assert from "node:assert/strict";
import { runInLab } from "../lab/mod.ts";
import { missingStartTlsServers } from "../lab/starttls_servers.ts";
import { isInstalled, TLS_SERVERS } from "../lab/tls_servers.ts";
import { isMadeHere } from "./interoperation_certificates.ts";
import { captureAll } from "./interoperation_captures.ts";
import { gnutlsLacks, gnutlsRows } from "./interoperation_gnutls.ts";
import { opensslLacks, opensslRows } from "./interoperation_openssl.ts";
import { askForNames, enumerate, fingerprint, holdSessions, writeZgrab } from "./interoperation_questions.ts";
import { type Row, START_TLS_ROWS, WEB_ROWS } from "./interoperation_rows.ts";
import { interoperationTable } from "./interoperation_table.ts";
import { withServers } from "./interoperation_world.ts";

const { gnutls, openssl } = TLS_SERVERS;

/** What isn't installed. Certificates that only OpenSSL makes are missing with it. */
const MISSING = [
  ...Object.values(TLS_SERVERS).filter((server) => !isInstalled(server)),
  ...missingStartTlsServers(),
];

/** Runs inside. */
export async function interoperate() {
  return await withServers(await rowsHere(), async (world) => ({
    failures: world.failures,
    captures: await captureAll(world),
    names: await askForNames(world),
    fingerprints: [await fingerprint(world), await fingerprint(world)] as const,
    enumeration: await enumerate(world),
    sessions: await holdSessions(world),
    zgrab: await writeZgrab(world),
  }));
}

/** Every server that can run here. */
async function rowsHere(): Promise<Row[]> {
  const hasOpenssl = isInstalled(openssl);
  const rows = [
    ...WEB_ROWS,
    ...hasOpenssl ? await opensslRows() : [],
    ...isInstalled(gnutls) ? await gnutlsRows() : [],
    ...START_TLS_ROWS,
  ];
  const missing = new Set<Row["server"]>(MISSING);
  return rows.filter(({ server, shown }) => !missing.has(server) && (hasOpenssl || isMadeHere(shown)));
}

type Sight = Awaited<ReturnType<typeof interoperate>>;

Deno.test("interoperation: real servers of every kind, from Debian's packages", async (test) => {
  for (const { name, packages } of MISSING) {
    await test.step({ name: `${name} is not installed (${packages})`, ignore: true, fn: () => {} });
  }
  const lacking = [
    ...isInstalled(openssl) ? [["OpenSSL", await opensslLacks()] as const] : [],
    ...isInstalled(gnutls) ? [["GnuTLS", await gnutlsLacks()] as const] : [],
  ];
  for (const [name, versions] of lacking) {
    for (const version of versions) {
      await test.step({ name: `${name} is built without ${version}`, ignore: true, fn: () => {} });
    }
  }
  const sight = await runInLab<Sight>({ module: import.meta.url, name: "interoperate" });
  console.log(interoperationTable(sight.captures.lines).join("\n"));
  const { failures, captures, names, fingerprints, enumeration, sessions, zgrab } = sight;

  await test.step("every server is up", () => {
    assert.deepEqual(failures, {});
  });

  await test.step("each chain is the one configured, by every order of hellos and over both transports", () => {
    assert.ok(captures.lines.length > 0);
    assert.deepEqual(captures.faults, []);
  });

  await test.step({
    name: "a server with names shows each its own chain",
    ignore: names === undefined,
    fn: () => {
      assert.equal(names!.length, 8);
      assert.deepEqual(names!.filter(({ isRight }) => !isRight), []);
    },
  });

  await test.step("JARM is the same in two runs and another for each library", () => {
    const [first, second] = fingerprints;
    assert.deepEqual(second, first);
    const jarms = Object.values(first);
    for (const jarm of jarms) assert.match(jarm, /^(?!0{62})[0-9a-f]{62}$/);
    assert.equal(new Set(jarms).size, jarms.length);
  });

  await test.step({
    name: "an enumeration finds exactly what a server was told to accept",
    ignore: enumeration === undefined,
    fn: () => {
      const { listed, lavish, everything } = enumeration!;
      const old = ["TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "TLS_RSA_WITH_AES_128_CBC_SHA"];
      assert.deepEqual(listed?.versions, [
        {
          version: "TLS 1.3",
          cipher_suites: ["TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_256_GCM_SHA384"],
          preference: "server",
          groups: ["secp256r1", "x25519"],
        },
        {
          version: "TLS 1.2",
          cipher_suites: [
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_RSA_WITH_AES_128_GCM_SHA256",
            ...old,
          ],
          preference: "server",
        },
        { version: "TLS 1.1", cipher_suites: old, preference: "server" },
        { version: "TLS 1.0", cipher_suites: old, preference: "server" },
      ]);
      assert.deepEqual(listed?.refusals.map(({ version }) => version), ["SSL 3.0", "SSL 2.0"]);
      assert.equal(listed?.complete, true);

      assert.equal(lavish?.complete, true);
      const [newest, ...others] = lavish.versions;
      assert.equal(newest?.version, "TLS 1.3");
      assert.deepEqual(
        Object.fromEntries(others.map(({ version, cipher_suites }) => [version, cipher_suites.toSorted()])),
        Object.fromEntries(
          Object.entries(everything).map(([version, suites]) => [version, suites.toSorted()]),
        ),
      );
      assert.deepEqual(lavish.versions.map(({ preference }) => preference), Array(4).fill("client"));
    },
  });

  await test.step({
    name: "sessions carry HTTP and tell whom they trust; chains are verified",
    ignore: sessions === undefined,
    fn: () => {
      const { system, own } = sessions!;
      const outcomes = [system, own].map(({ right, wrong, old }) =>
        [right, wrong, old].map(({ session }) => session?.outcome)
      );
      assert.deepEqual(outcomes, [
        ["unknown_issuer", "unknown_issuer", "below_tls12"],
        ["trusted", "name_mismatch", "below_tls12"],
      ]);
      for (const { session } of [system.right, system.wrong, own.right, own.wrong]) {
        assert.equal(session?.http?.status, 200);
        assert.equal(session.http.body, btoa("hello\n"));
      }
      assert.equal(system.right.tls?.verification, undefined);
      assert.equal(own.right.tls?.verification?.verdict, "trusted");
      assert.deepEqual(own.right.tls.verification.path, own.right.tls.chain);
      assert.equal(own.wrong.tls?.verification?.verdict, "name_mismatch");
      assert.equal(own.old.tls?.verification?.verdict, "name_mismatch", "its address is in no certificate");
    },
  });

  await test.step("ZGrab2's records are whole and hold the chains", () => {
    assert.equal(zgrab.records, captures.lines.length);
    assert.deepEqual(zgrab.faults, []);
  });
});
