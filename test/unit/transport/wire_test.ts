import { deepEqual, equal } from "node:assert/strict";
import type { EndReasonName, Plane } from "../../../ffi/mod.ts";
import { type WireHost, WireTransport } from "../../../src/transport/mod.ts";

const NOTHING = { bytesSent: 0, bytesReceived: 0 };
const LIMITS = { deadlineMs: 10_000, receiveBytes: 8_000 };

/** A plane of one reader that does nothing. */
const plane = {
  readerOf: () => 0,
  firstConnectionOf: () => 0,
  open() {},
  close() {},
} as unknown as Plane;

const host = { address: "192.0.2.1", port: 443, facts: { reader: 0 } } as unknown as WireHost;

/** Opens a connection; how it ended is added to `ends`. */
function open(transport: WireTransport, ends: string[]): void {
  const handler = { onData() {}, onEnd: (reason: string) => void ends.push(reason) };
  transport.open(host, new Uint8Array(0), handler, LIMITS);
}

Deno.test("what silence ended was not answered, all else was", () => {
  const transport = new WireTransport(plane, 16);
  const reasons: readonly EndReasonName[] = ["end", "timeout", "reset", "exhausted", "closed"];
  const ends: string[] = [];
  for (const _ of reasons) open(transport, ends);
  equal(transport.openCount, 5);
  equal(transport.expectedCount, 5);
  // The numbers are given in turn.
  reasons.forEach((reason, number) => transport.ended(number, reason, NOTHING, 0));
  deepEqual(ends, reasons);
  equal(transport.answeredCount, 3);
  equal(transport.openCount, 0);
  equal(transport.expectedCount, 0);
});

Deno.test("who has kept silent for long is open, and not expected to answer", () => {
  const transport = new WireTransport(plane, 16);
  open(transport, []);
  transport.advance(performance.now() + 1_000);
  open(transport, []);
  equal(transport.openCount, 2);
  equal(transport.expectedCount, 1);
});

Deno.test("beyond its capacity a connection ends at once, for want of room", async () => {
  const transport = new WireTransport(plane, 1);
  const ends: string[] = [];
  open(transport, ends);
  open(transport, ends);
  await Promise.resolve();
  deepEqual(ends, ["exhausted"]);
  equal(transport.openCount, 1);
});
