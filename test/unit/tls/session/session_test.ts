import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { holdSession, type SessionRequest, type SessionResult } from "../../../../src/tls/session/mod.ts";
import { startTlsPrelude } from "../../../../src/tls/starttls/mod.ts";
import { basicConstraints, makeIdentity } from "./identities.ts";
import { during, tcpServer, tlsServer } from "./servers.ts";

const NAME = "server.example";
const root = await makeIdentity("the root", { extensions: [basicConstraints(true)] });
const trusted = await makeIdentity("a leaf", { issuer: root, names: [NAME] });

function hold(port: number, request: Partial<SessionRequest> = {}): Promise<SessionResult> {
  return holdSession({
    address: "127.0.0.1",
    port,
    serverName: NAME,
    trust: { source: "the test", rootCount: 1, caCerts: [root.chainPem] },
    deadlineMs: 10_000,
    ...request,
  });
}

/** What comes of a server that reads a ClientHello, answers these octets and closes. */
function holdWith(answer: readonly number[]): Promise<SessionResult> {
  const server = tcpServer(async (connection) => {
    await connection.read(new Uint8Array(4_096));
    await connection.write(Uint8Array.from(answer));
  });
  return during(server, ({ port }) => hold(port));
}

/** A fatal alert in a record of TLS 1.0. */
const fatal = (description: number) => [21, 3, 1, 0, 2, 2, description];

/** The server_name that a ClientHello carries, if it does: the names of these tests stand in it as they are. */
async function serverNameSeen(connection: Deno.TcpConn): Promise<string | undefined> {
  const hello = new Uint8Array(4_096);
  const count = await connection.read(hello) ?? 0;
  return /[a-z]+\.example|127\.0\.0\.1|localhost/.exec(String.fromCharCode(...hello.subarray(0, count)))?.[0];
}

Deno.test("a server that refuses says why", async () => {
  const { outcome, reason, handshakeMs } = await holdWith(fatal(112));
  deepEqual([outcome, reason, handshakeMs], ["alert", "received fatal alert: UnrecognisedName", undefined]);
  equal((await holdWith(fatal(70))).outcome, "below_tls12");
});

Deno.test("a server that speaks something else is told apart from one that breaks the rules", async () => {
  const http = [..."HTTP/1.1 400 Bad Request\r\n\r\n"].map((character) => character.charCodeAt(0));
  equal((await holdWith(http)).outcome, "not_tls");
  equal((await holdWith([22, 3, 3, 0, 4, 99, 0, 0, 0])).outcome, "protocol_error");
  equal((await holdWith([22, 3, 3, 0, 100, 2])).outcome, "closed");
  equal((await holdWith([])).outcome, "closed");
});

Deno.test({
  name: "a server that resets is said to",
  // Its `resetAndDestroy` does not reset.
  ignore: Deno.version.deno.startsWith("2.4."),
  fn: async () => {
    const server = createServer((socket) => void socket.on("data", () => socket.resetAndDestroy()));
    await once(server.listen({ host: "127.0.0.1", port: 0 }), "listening");
    equal((await hold((server.address() as AddressInfo).port)).outcome, "reset");
    await once(server.close(), "close");
  },
});

Deno.test("a port that nobody listens on any more is refused", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  const { outcome, traffic } = await hold(port);
  equal(outcome, "refused");
  deepEqual(traffic, { bytesSent: 74, bytesReceived: 66 });
});

Deno.test("a server that says nothing is left when the deadline has passed", async () => {
  const { promise: isOver, resolve: end } = Promise.withResolvers<void>();
  const { outcome } = await during(
    tcpServer(() => isOver),
    ({ port }) => hold(port, { deadlineMs: 100 }).finally(end),
  );
  equal(outcome, "timeout");
});

Deno.test("a caller may leave at any time", async () => {
  const { promise: isOver, resolve: end } = Promise.withResolvers<void>();
  const leaving = new AbortController();
  const server = tcpServer(async (connection) => {
    await connection.read(new Uint8Array(4_096));
    leaving.abort();
    await isOver;
  });
  const { outcome } = await during(server, ({ port }) => hold(port, { signal: leaving.signal }).finally(end));
  equal(outcome, "abandoned");
  const early = await hold(1, { signal: AbortSignal.abort() });
  deepEqual(early, { outcome: "abandoned", reason: undefined, traffic: { bytesSent: 0, bytesReceived: 0 } });
});

Deno.test("the dearest application protocol that the server has is spoken", async () => {
  const alpnOf = async (protocols: string[], request: Partial<SessionRequest> = {}) =>
    (await during(tlsServer(trusted, undefined, protocols), ({ port }) => hold(port, request))).alpn;
  equal(await alpnOf(["http/1.1", "h2"]), "http/1.1");
  equal(await alpnOf(["h2"]), "h2");
  equal(await alpnOf([]), undefined);
  const http = { path: "/", host: NAME, bodyBytesMax: 0 };
  equal(await alpnOf(["h2", "http/1.1"], { http }), "http/1.1");
});

Deno.test("a server that wants another application protocol is judged without one", async () => {
  await during(tlsServer(trusted, undefined, ["acme-tls/1"]), async (served) => {
    const { outcome, alpn } = await hold(served.port);
    deepEqual([outcome, alpn, served.connections], ["trusted", undefined, 2]);
  });
});

Deno.test("the server's name is asked for, and no name for an address", async () => {
  const namesSeen = async (request: Partial<SessionRequest>) => {
    const { promise: seen, resolve: see } = Promise.withResolvers<string | undefined>();
    const server = tcpServer(async (connection) => see(await serverNameSeen(connection)));
    await during(server, ({ port }) => hold(port, request));
    return seen;
  };
  equal(await namesSeen({}), NAME);
  equal(await namesSeen({ serverName: undefined }), undefined);
});

Deno.test("what is spoken before TLS is spoken first", async () => {
  const server = tcpServer(async (connection) => {
    const say = (text: string) => connection.write(new TextEncoder().encode(text));
    const buffer = new Uint8Array(256);
    const hear = async () => new TextDecoder().decode(buffer.subarray(0, await connection.read(buffer) ?? 0));
    await say("+OK ready\r\n");
    match(await hear(), /^STLS\r\n/);
    await say("+OK begin\r\n");
    await connection.read(buffer);
    await connection.write(Uint8Array.from(fatal(40)));
  });
  const { outcome, reason } = await during(
    server,
    ({ port }) => hold(port, { prelude: startTlsPrelude("pop3", { address: "127.0.0.1", port }) }),
  );
  deepEqual([outcome, reason], ["alert", "received fatal alert: HandshakeFailure"]);
});

Deno.test("a server that does not go over to TLS is not brought to", async () => {
  const answering = (...answers: string[]) =>
    tcpServer(async (connection) => {
      for (const answer of answers) {
        await connection.write(new TextEncoder().encode(answer));
        await connection.read(new Uint8Array(256));
      }
    });
  const outcomeOf = (...answers: string[]) =>
    during(
      answering(...answers),
      ({ port }) => hold(port, { prelude: startTlsPrelude("pop3", { address: "127.0.0.1", port }) }),
    );
  const refused = await outcomeOf("+OK ready\r\n", "-ERR not here\r\n");
  equal(refused.outcome, "starttls_refused");
  match(refused.reason!, /not here/);
  equal((await outcomeOf("SSH-2.0-OpenSSH_9.2\r\n")).outcome, "not_tls");
  equal((await outcomeOf("+OK ready\r\n", "nonsense\r\n")).outcome, "protocol_error");
  equal((await outcomeOf("+OK ready\r\n")).outcome, "closed");
});

Deno.test("what cannot be asked is said before anything is sent", async () => {
  await during(tlsServer(trusted), async (served) => {
    const asking = (path: string, host = NAME) =>
      hold(served.port, { http: { path, host, bodyBytesMax: 0 } });
    for (const path of ["", "index.html", "/a b", "/\r\nX: y", "/ü"]) {
      await rejects(asking(path), { name: "RangeError", message: /^Cannot ask for .*percent-encode them$/ });
    }
    await rejects(asking("/", "a\r\nX: y"), { name: "RangeError", message: /^Cannot ask .* it is no host$/ });
    equal(served.connections, 0);
  });
});

Deno.test("traffic is told as it moves, and sums up", async () => {
  await during(tlsServer(trusted), async ({ port }) => {
    const told = { bytesSent: 0, bytesReceived: 0 };
    const onTraffic = (bytesSent: number, bytesReceived: number) => {
      told.bytesSent += bytesSent;
      told.bytesReceived += bytesReceived;
    };
    const light = await hold(port, { onTraffic, chain: [new Uint8Array(500)] });
    deepEqual(told, light.traffic);
    const heavy = await hold(port, { chain: [new Uint8Array(500), new Uint8Array(1_000)] });
    // One more segment, too.
    equal(heavy.traffic.bytesReceived - light.traffic.bytesReceived, 1_066);
  });
});
