import assert from "node:assert/strict";
import { Control } from "../../../ffi/mod.ts";
import { Admission, Governor } from "../../../src/governor/mod.ts";
import { HostConnections } from "../../../src/scan/host_connections.ts";
import type { Exchange } from "../../../src/tls/mod.ts";
import type { Connection, EndReason } from "../../../src/transport/mod.ts";
import { Roster } from "../../../src/scan/roster.ts";
import { MOVED, saying, ScriptedTransport, silent, type Talk } from "./scripted_transport.ts";

const HOST = { address: "192.0.2.1", port: 443 };
const GREETING = Uint8Array.of(7);
const DECIDED = Uint8Array.of(0);

/** Greets, and is decided by the first answer. */
const greeting = (): Exchange => ({
  firstBytes: GREETING,
  missing: 1,
  feed: () => true,
  takeReply: () => undefined,
});

interface Given {
  readonly probesPerSecond?: number;
  readonly bitsPerSecond?: number;
  readonly hasRoom?: (open: Roster<Connection>) => boolean;
}

/** Connections with a host whose servers these are, in turn. */
function connect(talks: readonly Talk[], given: Given = {}) {
  const control = new Control();
  const governor = new Governor(control, {
    probesPerSecond: given.probesPerSecond ?? 100_000,
    bitsPerSecond: given.bitsPerSecond,
  });
  const open = new Roster<Connection>();
  const admission = new Admission(governor, () => given.hasRoom?.(open) ?? true);
  const transport = new ScriptedTransport((at) => talks[at]);
  const reservation = governor.admit();
  if (typeof reservation === "number") throw new Error("Cannot connect: the budget is exhausted");
  const allowance = { timeoutMs: 5_000, bytesMax: 300_000 };
  const connections = new HostConnections(
    { transport, host: HOST },
    reservation,
    admission,
    allowance,
    open,
  );
  return { control, governor, admission, open, transport, connections };
}

Deno.test("the first goes on with the handshake there is, each further one makes its own", async () => {
  const { connections, transport } = connect([saying(DECIDED), saying("end"), saying("reset")]);
  assert.deepEqual(await connections.converse(greeting()), { reason: "decided", traffic: MOVED });
  assert.deepEqual(await connections.converse(greeting()), { reason: "end", traffic: MOVED });
  assert.deepEqual(await connections.converse(greeting()), { reason: "reset", traffic: MOVED });
  assert.deepEqual(transport.held.map(({ how }) => how), ["open", "reopen", "reopen"]);
  for (const { host, heard, limits } of transport.held) {
    assert.deepEqual([host, heard, limits.deadlineMs], [HOST, [GREETING], 5_000]);
  }
  assert.equal(connections.isAbandoned, false);
});

Deno.test("no end but this side's is an abandonment", async () => {
  for (const reason of ["end", "reset", "timeout", "overflow", "unreachable", "exhausted"] as EndReason[]) {
    const { connections } = connect([saying(reason)]);
    assert.equal((await connections.converse(greeting())).reason, reason);
    assert.equal(connections.isAbandoned, false, reason);
  }
});

Deno.test("room is taken at once, and free again when the connection has ended", async () => {
  const { connections, open, transport } = connect([saying(DECIDED), saying(DECIDED)]);
  for (const count of [1, 2]) {
    const conversation = connections.converse(greeting());
    assert.deepEqual([open.size, transport.held.length], [1, count]);
    await conversation;
    assert.equal(open.size, 0);
  }
});

Deno.test("whoever waits for room is let in when the connection ends, without being called", async () => {
  const { admission, connections, open } = connect([saying(DECIDED)], { hasRoom: (open) => open.size === 0 });
  const seen: number[] = [];
  const conversation = connections.converse(greeting());
  admission.offer({ open: () => seen.push(open.size), reject: () => assert.fail() });
  assert.deepEqual(seen, [], "there is no room beside it");
  await conversation;
  assert.deepEqual(seen, [0]);
});

Deno.test("a further one waits behind those who came before it", async () => {
  let room = 1;
  const { admission, connections, transport } = connect([saying(DECIDED), saying(DECIDED)], {
    hasRoom: () => room > 0,
  });
  await connections.converse(greeting());
  room = 0;
  const heard: string[] = [];
  admission.offer({ open: () => heard.push(`another host, ${transport.held.length}`), reject: () => {} });
  const second = connections.converse(greeting()).then(() => heard.push(`ours, ${transport.held.length}`));
  assert.equal(transport.held.length, 1);
  room = 1;
  admission.pump();
  await second;
  assert.deepEqual(heard, ["another host, 1", "ours, 2"]);
});

Deno.test("the SYN of a further one counts against the rate, the first one's was counted", async () => {
  // A SYN each second.
  const { control, connections } = connect([saying(DECIDED), saying(DECIDED)], { probesPerSecond: 1 });
  await connections.converse(greeting());
  assert.equal(control.probes.take(0, 0), 0);
  await connections.converse(greeting());
  assert(control.probes.take(0, 0) > 500);
});

Deno.test("what a connection did not use of its reservation is given back", async () => {
  // One octet each second: what is owed in milliseconds says how many.
  const { control, connections } = connect([saying(DECIDED)], { bitsPerSecond: 8 });
  await connections.converse(greeting());
  const owed = control.commitment.take(0, 0) / 1_000;
  const moved = MOVED.bytesSent + MOVED.bytesReceived;
  assert(Math.abs(owed - moved) < 5, `${owed} octets are owed`);
});

Deno.test("closing it ends it as abandoned", async () => {
  const { connections, open } = connect([silent]);
  const conversation = connections.converse(greeting());
  for (const connection of open.members()) connection.close();
  assert.deepEqual(await conversation, { reason: "closed", traffic: MOVED });
  assert.deepEqual([connections.isAbandoned, open.size], [true, 0]);
});

Deno.test("one that is not admitted any more is abandoned, whether it waits or comes", async () => {
  const nothing = { bytesSent: 0, bytesReceived: 0 };
  for (const isWaiting of [true, false]) {
    const { admission, connections, transport } = connect([saying(DECIDED)], {
      hasRoom: () => !isWaiting,
    });
    await connections.converse(greeting());
    if (!isWaiting) admission.close();
    const conversation = connections.converse(greeting());
    admission.close();
    assert.deepEqual(await conversation, { reason: "closed", traffic: nothing });
    assert.deepEqual([connections.isAbandoned, transport.held.length], [true, 1]);
  }
});
