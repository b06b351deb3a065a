import { deepEqual, equal } from "node:assert/strict";
import { holdSession, type SessionRequest, type SessionResult } from "../../../../src/tls/session/mod.ts";
import { basicConstraints, type Identity, makeIdentity } from "./identities.ts";
import { closeOnce, during, tcpServer, tlsServer } from "./servers.ts";

const NAME = "server.example";
const root = await makeIdentity("the root", { extensions: [basicConstraints(true)] });
const trusted = await makeIdentity("a leaf", { issuer: root, names: [NAME] });
const untrusted = await makeIdentity("a leaf", { names: [NAME] });

/** Both ways that a request can go. */
const IDENTITIES: readonly (readonly [verdict: string, identity: Identity])[] = [
  ["trusted", trusted],
  ["self_signed", untrusted],
];

const HTTP = { path: "/greeting?to=you", host: `${NAME}:8443`, bodyBytesMax: 1_000 };

function hold(port: number, request: Partial<SessionRequest> = {}): Promise<SessionResult> {
  return holdSession({
    address: "127.0.0.1",
    port,
    serverName: NAME,
    trust: { source: "the test", rootCount: 1, caCerts: [root.chainPem] },
    chain: untrusted.chain,
    http: HTTP,
    deadlineMs: 10_000,
    ...request,
  });
}

async function requestFrom(connection: Deno.TlsConn): Promise<string> {
  const buffer = new Uint8Array(4_096);
  let text = "";
  while (!text.endsWith("\r\n\r\n")) {
    const count = await connection.read(buffer);
    if (count === null) break;
    text += new TextDecoder().decode(buffer.subarray(0, count));
  }
  return text;
}

const say = (connection: Deno.TlsConn, text: string) => connection.write(new TextEncoder().encode(text));

for (const [verdict, identity] of IDENTITIES) {
  Deno.test(`${verdict}: a request is answered`, async () => {
    let asked = "";
    const server = tlsServer(identity, async (connection) => {
      asked = await requestFrom(connection);
      await say(
        connection,
        "HTTP/1.1 301 Moved\r\nLocation: https://elsewhere.example/\r\nContent-Length: 5\r\n\r\nhello",
      );
    }, ["h2", "http/1.1"]);
    const { outcome, alpn, http, version, cipherSuite } = await during(server, ({ port }) => hold(port));
    deepEqual([outcome, alpn], [verdict, "http/1.1"]);
    equal(
      asked,
      "GET /greeting?to=you HTTP/1.1\r\nHost: server.example:8443\r\nUser-Agent: margay\r\nAccept: */*\r\nConnection: close\r\n\r\n",
    );
    deepEqual({ ...http, body: new TextDecoder().decode(http?.body) }, {
      protocol: "HTTP/1.1",
      status: 301,
      statusText: "Moved",
      headers: [["Location", "https://elsewhere.example/"], ["Content-Length", "5"]],
      body: "hello",
      bodySha256: "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
      isTruncated: false,
      error: undefined,
    });
    const isTold = verdict !== "trusted" && !Deno.version.deno.startsWith("2.4.");
    deepEqual(
      [version, cipherSuite],
      isTold ? ["TLS 1.3", "TLS_AES_256_GCM_SHA384"] : [undefined, undefined],
    );
  });

  Deno.test(`${verdict}: a server that only closes ends its answer so`, async () => {
    const server = tlsServer(identity, async (connection) => {
      await requestFrom(connection);
      await say(connection, "HTTP/1.0 200 OK\r\n\r\nhello");
    });
    const { http } = await during(server, ({ port }) => hold(port));
    deepEqual([new TextDecoder().decode(http?.body), http?.error], ["hello", undefined]);
  });

  Deno.test(`${verdict}: a flood is left when enough has come`, async () => {
    let flooded = 0;
    const server = tlsServer(identity, async (connection) => {
      await requestFrom(connection);
      await say(connection, "HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
      for (const mebibyte = new Uint8Array(1 << 20); flooded < 100; flooded++) {
        await connection.write(mebibyte);
      }
    });
    const { http, outcome } = await during(server, ({ port }) => hold(port));
    deepEqual([outcome, http?.body.length, http?.isTruncated, http?.error], [
      verdict,
      1_000,
      true,
      undefined,
    ]);
    equal(flooded < 100, true);
  });

  Deno.test(`${verdict}: a server that drips is left when the deadline has passed`, async () => {
    const server = tlsServer(identity, async (connection) => {
      await requestFrom(connection);
      await say(connection, "HTTP/1.1 200 OK\r\n\r\n");
      for (;;) {
        await say(connection, ".");
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    });
    const { http, outcome } = await during(server, ({ port }) => hold(port, { deadlineMs: 400 }));
    deepEqual([outcome, http?.status, http?.error], [verdict, 200, "the deadline passed"]);
    equal(http!.body.length > 1, true);
  });

  Deno.test(`${verdict}: a server that keeps silent is left, too`, async () => {
    const { promise: isOver, resolve: end } = Promise.withResolvers<void>();
    const { http } = await during(
      tlsServer(identity, () => isOver),
      ({ port }) => hold(port, { deadlineMs: 300 }).finally(end),
    );
    deepEqual([http?.status, http?.error], [undefined, "the deadline passed"]);
  });

  Deno.test(`${verdict}: a caller may leave in the middle of an answer`, async () => {
    const { promise: isOver, resolve: end } = Promise.withResolvers<void>();
    const leaving = new AbortController();
    const server = tlsServer(identity, async (connection) => {
      await requestFrom(connection);
      leaving.abort();
      await isOver;
    });
    const { http } = await during(server, ({ port }) => hold(port, { signal: leaving.signal }).finally(end));
    equal(http?.error, "abandoned");
  });

  Deno.test(`${verdict}: what a server says instead of HTTP is said`, async () => {
    const server = tlsServer(identity, async (connection) => {
      await say(connection, "220 mail.example ESMTP\r\n");
      await requestFrom(connection);
    });
    const { http } = await during(server, ({ port }) => hold(port));
    equal(http?.error, 'the first line is none of HTTP/1: "220 mail.example ESMTP"');
  });
}

Deno.test("a server that is gone when it is asked keeps its verdict", async () => {
  const server = tlsServer(untrusted);
  const { port } = server.addr as Deno.NetAddr;
  const serving = (async () => {
    const connection = await server.accept();
    server.close();
    await server.answer(connection).catch(() => {}).finally(() => closeOnce(connection));
  })();
  const { outcome, http, alpn } = await hold(port);
  await serving;
  deepEqual([outcome, alpn, http?.status, http?.headers], ["self_signed", undefined, undefined, []]);
  equal(typeof http?.error, "string");
});

Deno.test("a failed handshake asks nothing", async () => {
  const server = tcpServer(async (connection) => {
    await connection.read(new Uint8Array(4_096));
    await connection.write(Uint8Array.of(21, 3, 1, 0, 2, 2, 40));
  });
  await during(server, async (served) => {
    const { outcome, http } = await hold(served.port);
    deepEqual([outcome, http, served.connections], ["alert", undefined, 1]);
  });
});
