import assert from "node:assert/strict";
import { Control } from "../../../ffi/mod.ts";
import { Admission, Governor } from "../../../src/governor/mod.ts";
import type { Finding } from "../../../src/scan/finding.ts";
import { type SessionOptions, Sessions } from "../../../src/scan/sessions.ts";
import type { Trust } from "../../../src/tls/session/mod.ts";
import { play } from "../tls/fake_connection.ts";
import { makeIdentity } from "../tls/session/identities.ts";
import { during, tcpServer, tlsServer } from "../tls/session/servers.ts";
import { findingOf } from "./finding_of.ts";

const ROOT = await makeIdentity("margay test root");
const TRUST: Trust = { source: "test", rootCount: 1, caCerts: [ROOT.chainPem] };
const LEAF = await makeIdentity("server.example", { issuer: ROOT, names: ["server.example"] });

/** More at once than this is no kindness to the thread. */
const CONCURRENCY = 32;

interface Given {
  readonly bitsPerSecond?: number;
  readonly options?: Partial<SessionOptions>;
  readonly hasRoom?: () => boolean;
}

function prepare(given: Given = {}) {
  const control = new Control();
  const governor = new Governor(control, {
    probesPerSecond: 100_000,
    bitsPerSecond: given.bitsPerSecond,
  });
  const admission = new Admission(governor, given.hasRoom ?? (() => true));
  const options = { http: undefined, captureTimeoutSeconds: 2, ...given.options };
  return { control, admission, sessions: new Sessions(TRUST, options, admission, governor) };
}

function findingAt(port: number): Finding {
  return findingOf(play([], "timeout").result, {
    address: "127.0.0.1",
    port,
    serverName: "server.example",
  });
}

Deno.test("a session is held under the finding's name, and judged by the given roots", async () => {
  const { sessions } = prepare();
  await during(tlsServer(LEAF), async ({ port }) => {
    assert.equal((await sessions.hold(findingAt(port)))?.outcome, "trusted");
    const other = { ...findingAt(port), serverName: "other.example" };
    assert.equal((await sessions.hold(other))?.outcome, "name_mismatch");
  });
});

Deno.test("HTTP is asked for by the path of the options", async () => {
  const { sessions } = prepare({ options: { http: "/a?b" } });
  const heard: string[] = [];
  const server = tlsServer(LEAF, async (connection) => {
    const buffer = new Uint8Array(4_096);
    const count = await connection.read(buffer);
    heard.push(new TextDecoder().decode(buffer.subarray(0, count ?? 0)));
    await connection.write(new TextEncoder().encode("HTTP/1.1 204 No Content\r\n\r\n"));
  });
  await during(server, async ({ port }) => {
    const session = await sessions.hold(findingAt(port));
    assert.equal(session?.http?.status, 204);
    assert.match(heard[0]!, new RegExp(`^GET /a\\?b HTTP/1\\.1\r\nHost: server\\.example:${port}\r\n`));
  });
});

Deno.test("never too many at once, and each has its turn", async () => {
  let current = 0;
  let most = 0;
  const { promise: everybodyIsIn, resolve: letGo } = Promise.withResolvers<void>();
  const server = tcpServer(async () => {
    most = Math.max(most, ++current);
    if (current === CONCURRENCY) setTimeout(letGo, 100);
    await everybodyIsIn;
    current--;
  });
  const { sessions } = prepare({ options: { captureTimeoutSeconds: 20 } });
  await during(server, async (served) => {
    const held = await Promise.all(
      Array.from({ length: CONCURRENCY + 8 }, () => sessions.hold(findingAt(served.port))),
    );
    assert.equal(held.filter((session) => session !== undefined).length, CONCURRENCY + 8);
    assert.equal(most, CONCURRENCY);
  });
});

Deno.test("what moved is charged to each bucket once, and the rest of the reservation given back", async () => {
  const octetsPerSecond = 4_000;
  const { control, sessions } = prepare({ bitsPerSecond: 8 * octetsPerSecond });
  await during(tlsServer(LEAF), async ({ port }) => {
    const { traffic } = (await sessions.hold(findingAt(port)))!;
    assert.deepEqual(sessions.traffic, traffic);
    const moved = traffic.bytesSent + traffic.bytesReceived;
    assert(moved > 1_000 && moved < octetsPerSecond, `${moved} octets for a handshake`);
    for (const bucket of [control.commitment, control.wire]) {
      const owed = bucket.take(0, 0) / 1_000 * octetsPerSecond;
      // Less what the budget has earned in the meantime.
      assert(owed <= moved && owed > moved / 2, `${owed} octets are owed, ${moved} moved`);
    }
  });
});

Deno.test("whoever waits is let in when a session ends, without being called", async () => {
  let hasRoom = true;
  const { admission, sessions } = prepare({ hasRoom: () => hasRoom });
  let isIn = false;
  const server = tcpServer(() => {
    hasRoom = false;
    admission.offer({ open: () => isIn = true, reject: () => assert.fail() });
    hasRoom = true;
    return Promise.resolve();
  });
  await during(server, async ({ port }) => {
    const session = sessions.hold(findingAt(port));
    assert.equal(isIn, false);
    assert.notEqual((await session)?.outcome, "trusted");
    assert.equal(isIn, true);
  });
});

Deno.test("a session whose turn never comes is none, and its place goes to the next", async () => {
  const { admission, sessions } = prepare();
  admission.close();
  for (let count = 0; count < CONCURRENCY + 1; count++) {
    assert.equal(await sessions.hold(findingAt(1)), undefined);
  }
});

Deno.test("leaving breaks off what is under way", async () => {
  const { sessions } = prepare({ options: { captureTimeoutSeconds: 60 } });
  const { promise: isConnected, resolve: connected } = Promise.withResolvers<void>();
  const { promise: isOver, resolve: over } = Promise.withResolvers<void>();
  const server = tcpServer(async () => {
    connected();
    await isOver;
  });
  await during(server, async ({ port }) => {
    const session = sessions.hold(findingAt(port));
    await isConnected;
    sessions.leave();
    assert.notEqual((await session)?.outcome, "trusted");
    over();
  });
});
