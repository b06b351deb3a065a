import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import {
  type ConnectionHandler,
  EMPTY_FRAME_BYTES,
  type EndReason,
  type KernelHost,
  KernelTransport,
  SYN_FRAME_BYTES,
  type Traffic,
} from "../../../src/transport/mod.ts";

const LIMITS = { deadlineMs: 5_000, receiveBytes: 10_000 };
const HELLO = new TextEncoder().encode("hello");

/** A bound on sockets whose places are given by hand. */
class Places {
  readonly #asking: (() => void)[] = [];
  taken = 0;
  bytesSent = 0;
  bytesReceived = 0;

  get asking(): number {
    return this.#asking.length;
  }

  acquire(): Promise<void> {
    return new Promise((resolve) => this.#asking.push(resolve));
  }

  give(): void {
    this.taken++;
    this.#asking.shift()!();
  }

  onRelease(): void {
    this.taken--;
  }

  onTraffic(bytesSent: number, bytesReceived: number): void {
    this.bytesSent += bytesSent;
    this.bytesReceived += bytesReceived;
  }
}

class Listener implements ConnectionHandler {
  readonly #ended = Promise.withResolvers<{ reason: EndReason; traffic: Traffic }>();
  text = "";

  get end() {
    return this.#ended.promise;
  }

  onData(bytes: Uint8Array): void {
    this.text += new TextDecoder().decode(bytes);
  }

  onEnd(reason: EndReason, traffic: Traffic): void {
    this.#ended.resolve({ reason, traffic });
  }
}

/** An echo that serves one connection after another, and a host of it that was opened before. */
async function withEcho(use: (host: KernelHost) => Promise<void>): Promise<void> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { hostname, port } = listener.addr as Deno.NetAddr;
  const serving = (async () => {
    for await (const connection of listener) {
      await connection.readable.pipeTo(connection.writable).catch(() => {});
    }
  })();
  // What `reopen` needs of a host is where it is: its first socket is closed by then.
  const socket = await Deno.connect({ hostname, port });
  socket.close();
  try {
    await use({ address: hostname, port, socket });
  } finally {
    listener.close();
    await serving;
  }
}

Deno.test("a host is opened again once there is a place for a socket", () =>
  withEcho(async (host) => {
    const places = new Places();
    const heard = new Listener();
    const connection = new KernelTransport(places).reopen(host, HELLO, heard, LIMITS);
    await delay(20);
    assert.equal(heard.text, "");
    assert.equal(places.bytesSent, 0, "nothing is sent before there is a place");
    places.give();
    while (heard.text.length < HELLO.length) await delay(1);
    connection.close();
    const { reason, traffic } = await heard.end;
    assert.equal(reason, "closed");
    assert.equal(heard.text, "hello");
    // SYN, "hello", our end; SYN-ACK, its acknowledgment, and "hello" again with ours.
    const segment = HELLO.length + EMPTY_FRAME_BYTES;
    assert.equal(traffic.bytesSent, SYN_FRAME_BYTES + segment + EMPTY_FRAME_BYTES + EMPTY_FRAME_BYTES);
    assert.equal(traffic.bytesReceived, SYN_FRAME_BYTES + EMPTY_FRAME_BYTES + segment);
    assert.deepEqual({ bytesSent: places.bytesSent, bytesReceived: places.bytesReceived }, traffic);
    assert.equal(places.taken, 0);
  }));

Deno.test("who leaves while waiting for a place has ended at once, and takes none", () =>
  withEcho(async (host) => {
    const places = new Places();
    const heard = new Listener();
    new KernelTransport(places).reopen(host, HELLO, heard, LIMITS).close();
    const { reason, traffic } = await heard.end;
    assert.equal(reason, "closed");
    assert.deepEqual(traffic, { bytesSent: 0, bytesReceived: 0 });
    places.give();
    await delay(0);
    assert.equal(places.taken, 0);
  }));

Deno.test("the deadline starts with the handshake, not with the wait for a place", () =>
  withEcho(async (host) => {
    const places = new Places();
    const heard = new Listener();
    new KernelTransport(places).reopen(host, HELLO, heard, { ...LIMITS, deadlineMs: 40 });
    await delay(80);
    const givenAt = performance.now();
    places.give();
    const { reason } = await heard.end;
    assert.equal(reason, "timeout");
    assert.equal(heard.text, "hello");
    assert(performance.now() - givenAt > 35);
    assert.equal(places.taken, 0);
  }));

Deno.test("all that wait or talk are left together", () =>
  withEcho(async (host) => {
    const places = new Places();
    const transport = new KernelTransport(places);
    const listeners = Array.from({ length: 5 }, () => new Listener());
    for (const heard of listeners) transport.reopen(host, HELLO, heard, LIMITS);
    assert.equal(places.asking, 5);
    places.give();
    places.give();
    transport.closeAll();
    for (const heard of listeners) assert.equal((await heard.end).reason, "closed");
    while (places.asking > 0) places.give();
    await delay(0);
    assert.equal(places.taken, 0);
  }));

Deno.test("a refusal is a reset of one small frame", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { hostname, port } = listener.addr as Deno.NetAddr;
  const socket = await Deno.connect({ hostname, port });
  socket.close();
  listener.close();
  const places = new Places();
  const heard = new Listener();
  new KernelTransport(places).reopen({ address: hostname, port, socket }, HELLO, heard, LIMITS);
  places.give();
  const { reason, traffic } = await heard.end;
  assert.equal(reason, "reset");
  assert.deepEqual(traffic, { bytesSent: SYN_FRAME_BYTES, bytesReceived: EMPTY_FRAME_BYTES });
  assert.equal(places.taken, 0);
});
