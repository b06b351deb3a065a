import { deepEqual, equal, ok } from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:tls";
import { Flight } from "../../../src/tls/flight.ts";
import { type CaptureHelloKind, makeHello } from "../../../src/tls/hello.ts";
import { makeTestChain, type TestChain } from "./test_certificates.ts";

const [major, minor] = Deno.version.deno.split(".").map(Number) as [number, number];

/** Whether a `node:tls` server heeds `minVersion`: measured, Deno 2.4.2's does not and 2.9.6's does. */
const minVersionWorks = major > 2 || minor >= 9;

const X25519MLKEM768 = 0x11ec;

/** The least that carries a capture over a socket: no limits, no deadline. */
async function capture(kind: CaptureHelloKind, port: number, serverName?: string): Promise<Flight> {
  const random = crypto.getRandomValues(new Uint8Array(32));
  const flight = new Flight(makeHello(kind, { random, serverName, alpn: true }), 1_000_000);
  const socket = await Deno.connect({ hostname: "127.0.0.1", port });
  await socket.write(flight.firstBytes);
  const buffer = new Uint8Array(4096);
  for (let isDecided = false; !isDecided;) {
    const count = await socket.read(buffer).catch(() => null);
    if (count === null) break;
    isDecided = flight.feed(buffer.subarray(0, count));
    buffer.fill(0);
    const reply = flight.takeReply();
    if (reply !== undefined) await socket.write(reply);
  }
  socket.close();
  return flight;
}

/** Runs `use` with a server of OpenSSL's that shows `chain`, started with `options`. */
async function withOpenssl(
  { certificatePem, keyPem }: TestChain,
  options: readonly string[],
  use: (port: number) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const file = async (name: string, text: string) => {
    await Deno.writeTextFile(`${folder}/${name}`, text);
    return `${folder}/${name}`;
  };
  const certificate = await file("leaf.pem", certificatePem);
  const issuer = await file("issuer.pem", certificatePem.slice(certificatePem.lastIndexOf("-----BEGIN")));
  const key = await file("key.pem", keyPem);
  const server = new Deno.Command("openssl", {
    args: [
      ...["s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-cert_chain", issuer],
      ...["-key", key, ...options],
    ],
    // It would leave at the end of its input.
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  try {
    await use(await portOf(server.stdout));
  } finally {
    server.kill("SIGKILL");
    await Promise.all([server.status, server.stdin.close()]);
    await Deno.remove(folder, { recursive: true });
  }
}

/** From the line `ACCEPT 127.0.0.1:PORT`; what follows is read and dropped. */
async function portOf(output: ReadableStream<Uint8Array>): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let text = "";
  output.pipeThrough(new TextDecoderStream()).pipeTo(
    new WritableStream({
      write: (part) => {
        text += part;
        const line = /ACCEPT 127\.0\.0\.1:(\d+)\n/.exec(text);
        if (line !== null) resolve(Number(line[1]));
      },
    }),
  ).finally(() => reject(new Error(`Cannot find the server's port: it said ${JSON.stringify(text)}`)));
  return await promise;
}

Deno.test("a real server's chain is captured and its TLS 1.3 announced", async () => {
  const { chain, certificatePem, keyPem } = await makeTestChain("capture.example");
  const listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert: certificatePem, key: keyPem });
  const serving = (async () => {
    for await (const connection of listener) {
      await connection.handshake().catch(() => {}); // The capture leaves in the middle: that is its point.
      connection.close();
    }
  })();
  const { port } = listener.addr as Deno.NetAddr;
  for (const serverName of [undefined, "capture.example"]) {
    const flight = await capture("tls12", port, serverName);
    equal(flight.outcome, "captured");
    deepEqual(flight.chain, chain);
    equal(flight.serverHello?.version, 0x0303);
    equal(flight.serverHello?.cipherSuite, 0xc02b);
    equal(flight.serverHello?.tls13Announced, true);
    for (const kind of ["modern", "tls13", "pq"] as const) {
      const encrypted = await capture(kind, port, serverName);
      deepEqual([encrypted.outcome, encrypted.reason], ["captured", undefined]);
      deepEqual(encrypted.chain, chain);
      equal(encrypted.serverHello?.version, 0x0304);
      equal(encrypted.serverHello?.keyShareGroup, kind === "pq" ? X25519MLKEM768 : 29);
    }
    const probed = await capture("pq_probe", port, serverName);
    deepEqual([probed.outcome, probed.serverHello?.keyShareGroup], ["pq_only", X25519MLKEM768]);
  }
  listener.close();
  await serving;
});

Deno.test({
  name: "a real server that speaks only TLS 1.3 is known as such, and then captured",
  ignore: !minVersionWorks,
  fn: async () => {
    const { chain, certificatePem, keyPem } = await makeTestChain("capture.example");
    const server = createServer({ minVersion: "TLSv1.3", cert: certificatePem, key: keyPem });
    server.on("tlsClientError", () => {}); // Expected: it cannot agree with a TLS 1.2 hello.
    server.listen({ host: "127.0.0.1", port: 0 });
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const refused = await capture("tls12", port);
    equal(refused.outcome, "tls13_only");
    deepEqual(refused.alert, { level: "fatal", description: 70, name: "protocol_version" });
    deepEqual(refused.chain, []);
    const captured = await capture("modern", port);
    deepEqual([captured.outcome, captured.chain], ["captured", chain]);
    server.close();
    await once(server, "close");
  },
});

Deno.test("OpenSSL: every suite of TLS 1.3 with every group, directly and after a HelloRetryRequest", async () => {
  const chain = await makeTestChain("capture.example");
  const suites = [
    ["TLS_AES_128_GCM_SHA256", 0x1301],
    ["TLS_AES_256_GCM_SHA384", 0x1302],
    ["TLS_CHACHA20_POLY1305_SHA256", 0x1303],
  ] as const;
  const groups = [["X25519", 29], ["P-256", 23], ["P-384", 24]] as const;
  for (const [suiteName, suite] of suites) {
    for (const [groupName, group] of groups) {
      const options = ["-tls1_3", "-ciphersuites", suiteName, "-groups", groupName, "-alpn", "h2"];
      await withOpenssl(chain, options, async (port) => {
        for (const kind of ["modern", "tls13", "pq"] as const) {
          const flight = await capture(kind, port, "capture.example");
          deepEqual([flight.outcome, flight.reason], ["captured", undefined], `${suiteName} ${groupName}`);
          deepEqual(flight.chain, chain.chain);
          equal(flight.serverHello?.cipherSuite, suite);
          equal(flight.serverHello?.keyShareGroup, group);
          equal(flight.helloRetried, group !== 29);
          equal(flight.alpn, "h2");
        }
      });
    }
  }
});

Deno.test("OpenSSL: a cookie is given back, and a demand for a client's certificate noted", async () => {
  const chain = await makeTestChain("capture.example");
  await withOpenssl(chain, ["-tls1_3", "-stateless"], async (port) => {
    const flight = await capture("modern", port);
    deepEqual([flight.outcome, flight.chain, flight.helloRetried], ["captured", chain.chain, true]);
  });
  await withOpenssl(chain, ["-tls1_3", "-Verify", "1"], async (port) => {
    const flight = await capture("modern", port);
    deepEqual([flight.outcome, flight.chain, flight.certificateRequested], ["captured", chain.chain, true]);
  });
});

Deno.test("OpenSSL: what TLS 1.3 cannot agree on is an alert, and TLS 1.2 answers the modern hello too", async () => {
  const chain = await makeTestChain("capture.example");
  await withOpenssl(chain, ["-tls1_3", "-groups", "P-521"], async (port) => {
    for (const kind of ["modern", "pq_probe"] as const) {
      const flight = await capture(kind, port);
      deepEqual([flight.outcome, flight.alert?.name], ["alert", "handshake_failure"]);
    }
  });
  await withOpenssl(chain, ["-tls1_2"], async (port) => {
    for (const kind of ["modern", "pq"] as const) {
      const flight = await capture(kind, port);
      deepEqual([flight.outcome, flight.chain, flight.serverHello?.version], [
        "captured",
        chain.chain,
        0x0303,
      ]);
    }
    const refused = await capture("tls13", port);
    equal(refused.outcome, "alert");
    ok(["handshake_failure", "protocol_version"].includes(refused.alert!.name), refused.alert!.name);
  });
});
