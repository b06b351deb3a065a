import { deepEqual, equal } from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:tls";
import { Capture, type CaptureResult } from "../../../src/tls/mod.ts";
import { makeTestChain } from "./test_certificates.ts";

const [major, minor] = Deno.version.deno.split(".").map(Number) as [number, number];

/** Whether a `node:tls` server heeds `minVersion`: measured, Deno 2.4.2's does not and 2.9.6's does. */
const minVersionWorks = major > 2 || minor >= 9;

/** The least that carries a capture over a socket: no limits, no deadline. */
function captureFrom(port: number, serverName?: string): Promise<CaptureResult> {
  const { promise, resolve } = Promise.withResolvers<CaptureResult>();
  const capture = new Capture({
    random: crypto.getRandomValues(new Uint8Array(32)),
    ...(serverName !== undefined && { serverName }),
    receiveBytes: 1_000_000,
    more: () => false,
    done: resolve,
  });
  carry(capture, port);
  return promise;
}

async function carry(capture: Capture, port: number): Promise<void> {
  const socket = await Deno.connect({ hostname: "127.0.0.1", port });
  let open = true;
  capture.attach({ send: () => {}, allow: () => {}, close: () => open = false });
  await socket.write(capture.firstBytes());
  const buffer = new Uint8Array(4096);
  let bytesReceived = 0;
  while (open) {
    const count = await socket.read(buffer).catch(() => null);
    if (count === null) break;
    bytesReceived += count;
    capture.onData(buffer.subarray(0, count));
    buffer.fill(0);
  }
  socket.close();
  capture.onEnd(open ? "end" : "closed", { bytesSent: 0, bytesReceived });
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
  for (const serverName of [undefined, "capture.example"]) {
    const result = await captureFrom((listener.addr as Deno.NetAddr).port, serverName);
    equal(result.outcome, "captured");
    deepEqual(result.chain, chain);
    equal(result.serverHello?.version, 0x0303);
    equal(result.serverHello?.cipherSuite, 0xc02b);
    equal(result.serverHello?.tls13Announced, true);
  }
  listener.close();
  await serving;
});

Deno.test({
  name: "a real server that speaks only TLS 1.3 is known as such",
  ignore: !minVersionWorks,
  fn: async () => {
    const { certificatePem, keyPem } = await makeTestChain("capture.example");
    const server = createServer({ minVersion: "TLSv1.3", cert: certificatePem, key: keyPem });
    server.on("tlsClientError", () => {}); // Expected: it cannot agree with a TLS 1.2 hello.
    server.listen({ host: "127.0.0.1", port: 0 });
    await once(server, "listening");
    const result = await captureFrom((server.address() as AddressInfo).port);
    equal(result.outcome, "tls13_only");
    deepEqual(result.alert, { level: "fatal", description: 70, name: "protocol_version" });
    deepEqual(result.chain, []);
    server.close();
    await once(server, "close");
  },
});
