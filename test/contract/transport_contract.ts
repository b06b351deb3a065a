/**
 * What `src/transport/transport.ts` promises, as checks that run on any implementation: a transport is done when they
 * pass. They run inside the lab, against real kernel TCP servers across a cable.
 *
 * @module
 */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type {
  Connection,
  ConnectionHandler,
  ConnectionLimits,
  EndReason,
  Host,
  Traffic,
  Transport,
} from "../../src/transport/mod.ts";
import { BANNER, DRIBBLE, LARGE, PORTS, RESET_LENGTH } from "./scripted_server.ts";

type Behaviour = keyof typeof PORTS;

/** Hosts that a transport can open, and what is left of them afterwards. */
export interface Verified {
  readonly transport: Transport;
  /** All of one behaviour, each with an address of its own. */
  readonly hosts: readonly Host[];
  /** Leaves what is still open. */
  dispose(): Promise<void>;
}

/** What the contract needs of whoever runs it. */
export interface TransportHarness {
  /** Verifies `count` hosts of a behaviour. */
  verify(behaviour: Behaviour, count: number): Promise<Verified>;
  /** How many TCP connections the servers of a behaviour have that are not over, half-open ones included. */
  serverSockets(behaviour: Behaviour): Promise<number>;
}

/** One promise, and the way to see it kept. */
export interface Check {
  readonly name: string;
  run(): Promise<void>;
}

/** No check takes a tenth of it: only what hangs does. */
const patienceMs = 15_000;

/** How long nothing more may happen for it to count as over. */
const quietMs = 150;

/** Without options: 14 + 20 + 20. */
const SYN_FRAME_BYTES_MIN = 54;

const ROOMY: ConnectionLimits = { deadlineMs: 10_000, receiveBytes: 1_000_000 };

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Writes down what a connection does, and refuses what no connection may do. */
class Recorder implements ConnectionHandler {
  readonly #ended = Promise.withResolvers<{ reason: EndReason; traffic: Traffic }>();
  readonly #chunks: Uint8Array[] = [];
  readonly faults: string[] = [];
  /** Called with each piece, after it was written down. */
  onPiece: (piece: Uint8Array) => void = () => {};
  isOpen = false;
  hasEnded = false;
  length = 0;
  pieceCount = 0;

  get bytes(): Uint8Array {
    const bytes = new Uint8Array(this.length);
    let at = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return bytes;
  }

  get end(): Promise<{ reason: EndReason; traffic: Traffic }> {
    return within(this.#ended.promise, "the end of the connection");
  }

  onData(bytes: Uint8Array): void {
    if (!this.isOpen) this.faults.push("data before open had returned");
    if (this.hasEnded) this.faults.push("data after the end");
    if (bytes.length === 0) this.faults.push("data without an octet");
    this.#chunks.push(bytes.slice());
    this.length += bytes.length;
    this.pieceCount++;
    this.onPiece(bytes);
  }

  onEnd(reason: EndReason, traffic: Traffic): void {
    if (!this.isOpen) this.faults.push("the end before open had returned");
    if (this.hasEnded) this.faults.push(`a second end: ${reason}`);
    this.hasEnded = true;
    this.#ended.resolve({ reason, traffic });
  }

  async has(length: number): Promise<void> {
    await eventually(() => Promise.resolve(this.length >= length), `octet ${length}`);
  }
}

interface Conversation extends Opened {
  readonly verified: Verified;
}

async function within<Result>(promise: Promise<Result>, what: string): Promise<Result> {
  const abort = new AbortController();
  const late = delay(patienceMs, undefined, { signal: abort.signal }).then(() => {
    throw new Error(`Cannot go on: ${what} never came`);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    abort.abort();
    late.catch(() => {});
  }
}

/** Keeps this thread from hearing anything. */
function block(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

async function eventually(holds: () => Promise<boolean>, what: string): Promise<void> {
  for (let waitedMs = 0; !await holds(); waitedMs += 5) {
    if (waitedMs > patienceMs) throw new Error(`Cannot go on: ${what} never came`);
    await delay(5);
  }
}

interface Opened {
  readonly connection: Connection;
  readonly heard: Recorder;
}

function open(
  { transport }: Verified,
  host: Host,
  firstBytes: Uint8Array,
  limits: ConnectionLimits,
): Opened {
  const heard = new Recorder();
  const connection = transport.open(host, firstBytes, heard, limits);
  heard.isOpen = true;
  return { connection, heard };
}

/** Another connection to a host whose last one has ended. */
function reopen(
  { transport, hosts }: Verified,
  firstBytes: Uint8Array,
  limits: Partial<ConnectionLimits> = {},
  host: Host = hosts[0]!,
): Opened {
  const heard = new Recorder();
  const connection = transport.reopen(host, firstBytes, heard, { ...ROOMY, ...limits });
  heard.isOpen = true;
  return { connection, heard };
}

/** Says something to an echo, hears it, and leaves. */
async function exchange({ connection, heard }: Opened, text: string): Promise<void> {
  await heard.has(text.length);
  assert.equal(new TextDecoder().decode(heard.bytes), text);
  connection.close();
  const { reason, traffic } = await heard.end;
  assert.equal(reason, "closed");
  assert(traffic.bytesSent > text.length && traffic.bytesReceived > text.length, JSON.stringify(traffic));
  assert.deepEqual(heard.faults, []);
}

/** The checks, named after the transport; they are run one after the other. */
export function transportContract(name: string, harness: TransportHarness): Check[] {
  const checks: Check[] = [];

  function check(title: string, run: () => Promise<void>): void {
    checks.push({ name: `${name}: ${title}`, run: () => within(run(), title) });
  }

  /** A check on one connection to a server of that behaviour. */
  function conversation(
    title: string,
    behaviour: Behaviour,
    firstBytes: string,
    limits: Partial<ConnectionLimits>,
    talk: (conversation: Conversation) => Promise<void>,
  ): void {
    check(title, async () => {
      const verified = await harness.verify(behaviour, 1);
      try {
        const opened = open(verified, verified.hosts[0]!, ascii(firstBytes), { ...ROOMY, ...limits });
        await talk({ verified, ...opened });
        await delay(quietMs);
        assert.deepEqual(opened.heard.faults, []);
      } finally {
        await verified.dispose();
      }
    });
  }

  async function nothingLeft(behaviour: Behaviour): Promise<void> {
    const isGone = async () => await harness.serverSockets(behaviour) === 0;
    await eventually(isGone, `the end of the sockets of ${behaviour}`);
  }

  conversation(
    "first bytes and what is sent later arrive in order",
    "echo",
    "one,",
    {},
    async ({ connection, heard }) => {
      connection.send(ascii("two,"));
      connection.send(ascii("three,"));
      await heard.has("one,two,three,".length);
      connection.send(ascii("four"));
      await heard.has("one,two,three,four".length);
      connection.close();
      const { reason, traffic } = await heard.end;
      assert.equal(new TextDecoder().decode(heard.bytes), "one,two,three,four");
      assert.equal(reason, "closed");
      const payload = "one,two,three,four".length;
      assert(traffic.bytesSent > payload && traffic.bytesReceived > payload, JSON.stringify(traffic));
    },
  );

  conversation(
    "what is sent may be overwritten by its owner",
    "echo",
    "",
    {},
    async ({ connection, heard }) => {
      const bytes = ascii("kept");
      connection.send(bytes);
      bytes.fill(0);
      await heard.has(4);
      assert.equal(new TextDecoder().decode(heard.bytes), "kept");
    },
  );

  conversation("a peer that speaks first is heard, then its end", "banner", "", {}, async ({ heard }) => {
    const { reason, traffic } = await heard.end;
    assert.deepEqual(heard.bytes, BANNER);
    assert.equal(reason, "end");
    assert(traffic.bytesSent > 0 && traffic.bytesReceived > BANNER.length, JSON.stringify(traffic));
  });

  conversation("a long answer is complete and in order", "large", "go", {}, async ({ heard }) => {
    const { reason, traffic } = await heard.end;
    assert.equal(heard.length, LARGE.length);
    assert.deepEqual(heard.bytes, LARGE);
    assert.equal(reason, "end");
    // Payload, headers of a twentieth, and what was sent twice; acknowledgments go the other way.
    assert(traffic.bytesReceived > LARGE.length && traffic.bytesReceived < LARGE.length * 1.5);
    assert(traffic.bytesSent > 500 && traffic.bytesSent < LARGE.length / 4, `${traffic.bytesSent}`);
  });

  conversation("an answer in pieces is complete and in order", "dribble", "go", {}, async ({ heard }) => {
    const { reason } = await heard.end;
    assert.deepEqual(heard.bytes, DRIBBLE);
    assert.equal(reason, "end");
    assert(heard.pieceCount > 1, "pieces are handed on as they come");
  });

  conversation("a peer that closes only its sending side has ended", "halfClose", "hello", {}, async (it) => {
    const { reason } = await it.heard.end;
    assert.deepEqual(it.heard.bytes, BANNER);
    assert.equal(reason, "end");
    await nothingLeft("halfClose");
  });

  conversation("a reset is told apart, and what came before it counts", "reset", "", {}, async (it) => {
    await it.heard.has(BANNER.length);
    it.connection.send(new Uint8Array(RESET_LENGTH));
    const { reason } = await it.heard.end;
    assert.deepEqual(it.heard.bytes, BANNER);
    assert.equal(reason, "reset");
  });

  for (const behaviour of ["silence", "deaf", "unacknowledging"] as const) {
    const limits = { deadlineMs: 300 };
    conversation(
      `the deadline ends a peer of ${behaviour}`,
      behaviour,
      "hello?",
      limits,
      async ({ heard }) => {
        const startedAt = performance.now();
        const { reason, traffic } = await heard.end;
        assert.equal(reason, "timeout");
        assert.equal(heard.length, 0);
        assert(performance.now() - startedAt > 250, "not before its time");
        assert(traffic.bytesSent > "hello?".length);
        if (behaviour === "silence") await nothingLeft(behaviour);
      },
    );
  }

  conversation(
    "the deadline ends a peer that talks",
    "dribble",
    "go",
    { deadlineMs: 120 },
    async ({ heard }) => {
      const { reason } = await heard.end;
      assert.equal(reason, "timeout");
      assert(heard.length < DRIBBLE.length);
      assert.deepEqual(heard.bytes, DRIBBLE.slice(0, heard.length));
    },
  );

  conversation("close leaves at once, and the end follows later", "silence", "hello", {}, async (it) => {
    await eventually(async () => await harness.serverSockets("silence") > 0, "the connection on the server");
    it.connection.close();
    assert(!it.heard.hasEnded, "not from inside close");
    it.connection.close();
    const { reason } = await it.heard.end;
    assert.equal(reason, "closed");
    await nothingLeft("silence");
  });

  conversation("a connection can be closed before anything moved", "silence", "", {}, async (it) => {
    it.connection.close();
    assert.equal((await it.heard.end).reason, "closed");
    await nothingLeft("silence");
  });

  conversation("close from inside onData ends the data", "large", "go", {}, async ({ connection, heard }) => {
    let endedInside = false;
    heard.onPiece = () => {
      // While nobody listens, more comes: the second piece is not the last that is there.
      if (heard.pieceCount === 1) return block(quietMs);
      connection.close();
      endedInside ||= heard.hasEnded;
    };
    const { reason } = await heard.end;
    assert.equal(reason, "closed");
    assert(!endedInside, "not from inside close");
    assert.equal(heard.pieceCount, 2);
    await nothingLeft("large");
  });

  conversation("send from inside onData", "echo", "0", {}, async ({ connection, heard }) => {
    heard.onPiece = () => {
      if (heard.length < 10) connection.send(ascii(`${heard.length}`));
    };
    await heard.has(10);
    assert.equal(new TextDecoder().decode(heard.bytes), "0123456789");
  });

  conversation(
    "a peer sends no more than it is allowed",
    "large",
    "go",
    { receiveBytes: 8_000 },
    async ({ connection, heard }) => {
      let allowed = 8_000;
      await heard.has(1);
      for (const more of [20_000, 50_000, 0]) {
        await delay(quietMs);
        assert(heard.length <= allowed, `${heard.length} octets where ${allowed} were allowed`);
        assert(heard.length > allowed / 2, `only ${heard.length} octets where ${allowed} were allowed`);
        connection.allow(more);
        allowed += more;
      }
      assert(!heard.hasEnded);
      connection.allow(LARGE.length);
      assert.equal((await heard.end).reason, "end");
      assert.deepEqual(heard.bytes, LARGE);
    },
  );

  conversation(
    "allow from inside onData keeps a long answer going",
    "large",
    "go",
    { receiveBytes: 8_000 },
    async ({ connection, heard }) => {
      heard.onPiece = (piece) => connection.allow(piece.length);
      assert.equal((await heard.end).reason, "end");
      assert.deepEqual(heard.bytes, LARGE);
    },
  );

  conversation(
    "an end behind the last octet allowed is heard once more is allowed",
    "banner",
    "",
    { receiveBytes: BANNER.length },
    async ({ connection, heard }) => {
      await delay(quietMs);
      connection.allow(200);
      assert.equal((await heard.end).reason, "end");
      assert.deepEqual(heard.bytes, BANNER);
    },
  );

  conversation("nothing is held against whoever speaks to the dead", "banner", "", {}, async (it) => {
    await it.heard.end;
    it.connection.send(ascii("too late"));
    it.connection.allow(1_000);
    it.connection.close();
    it.connection.close();
  });

  conversation("a host is opened again, time after time", "echo", "first", {}, async (it) => {
    await exchange(it, "first");
    for (const text of ["second", "third", "fourth", "fifth"]) {
      await exchange(reopen(it.verified, ascii(text)), text);
    }
    await nothingLeft("echo");
  });

  conversation("a host that spoke first and left does so again", "banner", "", {}, async (it) => {
    await it.heard.end;
    for (let turn = 0; turn < 3; turn++) {
      const { heard } = reopen(it.verified, ascii(""));
      assert.equal((await heard.end).reason, "end");
      assert.deepEqual(heard.bytes, BANNER);
      assert.deepEqual(heard.faults, []);
    }
  });

  conversation("a long answer comes again", "large", "go", {}, async (it) => {
    // In the middle of it: the rest is under way when the next connection is asked for.
    await it.heard.has(20_000);
    it.connection.close();
    await it.heard.end;
    const { heard } = reopen(it.verified, ascii("go"));
    assert.equal((await heard.end).reason, "end");
    assert.deepEqual(heard.bytes, LARGE);
    assert.deepEqual(heard.faults, []);
  });

  conversation("a host is opened again after its reset", "reset", "", {}, async (it) => {
    await it.heard.has(BANNER.length);
    it.connection.send(new Uint8Array(RESET_LENGTH));
    assert.equal((await it.heard.end).reason, "reset");
    const { connection, heard } = reopen(it.verified, ascii("hello"));
    await heard.has(BANNER.length);
    connection.close();
    assert.equal((await heard.end).reason, "closed");
    assert.deepEqual(heard.faults, []);
  });

  conversation(
    "a host is opened again after the deadline",
    "silence",
    "?",
    { deadlineMs: 100 },
    async (it) => {
      assert.equal((await it.heard.end).reason, "timeout");
      const { heard } = reopen(it.verified, ascii("?"), { deadlineMs: 200 });
      await eventually(
        async () => await harness.serverSockets("silence") > 0,
        "the connection on the server",
      );
      assert.equal((await heard.end).reason, "timeout");
      assert.deepEqual(heard.faults, []);
      await nothingLeft("silence");
    },
  );

  conversation("a peer that missed the last reset is opened again", "holding", "hello", {}, async (it) => {
    await eventually(async () => await harness.serverSockets("holding") > 0, "the connection on the server");
    it.connection.close();
    await it.heard.end;
    const { connection, heard } = reopen(it.verified, ascii("again"), { deadlineMs: 900 });
    await delay(2 * quietMs);
    assert(!heard.hasEnded);
    assert.equal(await harness.serverSockets("holding"), 1, "the old connection is gone, the new is there");
    connection.close();
    assert.equal((await heard.end).reason, "closed");
    assert.deepEqual(heard.faults, []);
    await nothingLeft("holding");
  });

  for (const [behaviour, expected] of [["refusing", "reset"], ["cutOff", "unreachable"]] as const) {
    conversation(
      `opening a peer of ${behaviour} again ends with ${expected}`,
      behaviour,
      "1",
      {},
      async (it) => {
        await exchange(it, "1");
        const { heard } = reopen(it.verified, ascii("2"));
        const { reason, traffic } = await heard.end;
        assert.equal(reason, expected);
        assert.equal(heard.length, 0);
        assert(traffic.bytesSent >= SYN_FRAME_BYTES_MIN, JSON.stringify(traffic));
        assert.deepEqual(heard.faults, []);
      },
    );
  }

  conversation("a connection that is not established has an end", "withdrawn", "1", {}, async (it) => {
    await exchange(it, "1");
    const startedAt = performance.now();
    const { heard } = reopen(it.verified, ascii("2"), { deadlineMs: 300 });
    const { reason, traffic } = await heard.end;
    assert.equal(reason, "timeout");
    assert(performance.now() - startedAt > 250, "not before its time");
    assert(traffic.bytesSent >= SYN_FRAME_BYTES_MIN, JSON.stringify(traffic));
    assert.deepEqual(heard.faults, []);

    for (const pauseMs of [0, 50]) {
      const left = reopen(it.verified, ascii("3"));
      left.connection.send(ascii("4"));
      await delay(pauseMs);
      left.connection.close();
      assert(!left.heard.hasEnded, "not from inside close");
      assert.equal((await left.heard.end).reason, "closed");
      assert.deepEqual(left.heard.faults, []);
    }
  });

  conversation(
    "first bytes may be as many as a connection holds",
    "echo",
    "x".repeat(2_048),
    {},
    async (it) => {
      await exchange(it, "x".repeat(2_048));
      await exchange(reopen(it.verified, ascii("y".repeat(2_048))), "y".repeat(2_048));
    },
  );

  check("hosts opened again beside each other keep to themselves", async () => {
    const verified = await harness.verify("echo", 24);
    try {
      await Promise.all(verified.hosts.map(async (host, index) => {
        const text = (turn: number) => `${host.address} ${turn} ${"x".repeat(index * 20)}`;
        await exchange(open(verified, host, ascii(text(0)), ROOMY), text(0));
        for (const turn of [1, 2, 3]) {
          await exchange(reopen(verified, ascii(text(turn)), {}, host), text(turn));
        }
      }));
      await nothingLeft("echo");
    } finally {
      await verified.dispose();
    }
  });

  check("a connection that has ended has no hold on those that follow", async () => {
    const verified = await harness.verify("echo", 3);
    try {
      const [host, ...others] = verified.hosts;
      const first = open(verified, host!, ascii("first"), ROOMY);
      first.connection.close();
      await first.heard.end;
      const followers = others.map((other) => open(verified, other, ascii(other.address), ROOMY));
      first.connection.send(ascii("first again"));
      first.connection.close();
      for (const [index, { heard }] of followers.entries()) {
        await heard.has(others[index]!.address.length);
        await delay(quietMs);
        assert.equal(new TextDecoder().decode(heard.bytes), others[index]!.address);
        assert(!heard.hasEnded);
      }
      for (const { heard } of [first, ...followers]) assert.deepEqual(heard.faults, []);
    } finally {
      await verified.dispose();
    }
  });

  check("connections beside each other keep to themselves", async () => {
    const verified = await harness.verify("echo", 24);
    try {
      const talks = verified.hosts.map((host, index) => {
        const text = `${host.address} ${"x".repeat(index * 20)}`;
        return { text, ...open(verified, host, ascii(text), ROOMY) };
      });
      for (const { text, heard, connection } of talks) {
        await heard.has(text.length);
        assert.equal(new TextDecoder().decode(heard.bytes), text);
        connection.close();
      }
      for (const { heard } of talks) {
        assert.equal((await heard.end).reason, "closed");
        assert.deepEqual(heard.faults, []);
      }
    } finally {
      await verified.dispose();
    }
  });

  check("a rejected host is left with nothing", async () => {
    await nothingLeft("silence");
    const verified = await harness.verify("silence", 3);
    try {
      const sockets = async () => await harness.serverSockets("silence");
      await eventually(async () => await sockets() === 3, "three connections on the server");
      for (const host of verified.hosts) verified.transport.reject(host);
      await nothingLeft("silence");
    } finally {
      await verified.dispose();
    }
  });

  return checks;
}
