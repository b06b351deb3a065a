import assert from "node:assert/strict";
import { parseCommandLine } from "../../../src/commands/command_line.ts";
import { type Observation, StreamSink } from "../../../src/observe/mod.ts";
import {
  loggedCounters,
  planSweep,
  RunFold,
  type RunState,
  Scan,
  type ScanCounters,
  thisMachine,
} from "../../../src/scan/mod.ts";
import { loadTargets } from "../../../src/targets/mod.ts";

/** Of an earlier process that had found one host; no two numbers are alike where they need not be. */
const EARLIER: ScanCounters = {
  targets: 2,
  sent: 20,
  passedOver: 3,
  open: 1,
  closed: 4,
  unreachable: 5,
  verified: 1,
  captures: { captured: 1, timeout: 6 },
  verifications: { trusted: 7 },
  sessions: { established: 8 },
  certificates: 9,
  uniqueCertificates: 2,
  bytesSent: 1000,
  bytesReceived: 11_000,
  sendDrops: 12,
  receiveDrops: 13,
  elapsedMs: 60_000,
};

/** What is read back from that process's log. */
function stateBehind(counters: ScanCounters, port: number): RunState {
  const time = "2026-01-31T23:59:59.000Z";
  const records = [
    { type: "host", address: "127.0.0.1", port },
    { type: "certificate", fingerprint: "aa" },
    { type: "certificate", fingerprint: "bb" },
    {
      type: "checkpoint",
      time,
      cursor: "0",
      targets_settled: 0,
      pending: [],
      counters: loggedCounters(counters),
    },
  ];
  const run = new RunFold();
  for (const record of records) run.take(record as unknown as Observation);
  return run.finish(() => true);
}

/** A port that nobody listens on any more. */
function closedPort(): number {
  using server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return server.addr.port;
}

Deno.test("counters go on from an earlier process, and a host that answers again counts once", async () => {
  using server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const known = server.addr.port;
  const ports = `${known},${closedPort()}`;
  const invocation = parseCommandLine(["scan", "127.0.0.1", "-p", ports, "--transport", "kernel"]);
  assert(invocation.kind === "scan");
  const { options } = invocation;
  const { targetSet } = await loadTargets(options);
  const scan = await Scan.prepare({
    plan: planSweep(targetSet, options, thisMachine()),
    targets: targetSet,
    options,
    seed: 1n,
    sink: new StreamSink({ write: ({ length }) => Promise.resolve(length) }),
    trust: { verifier: undefined, session: undefined },
    before: stateBehind(EARLIER, known),
  });
  assert.deepEqual(scan.counters(), EARLIER);

  assert.deepEqual(await scan.run(new AbortController().signal), { reason: "done" });
  const { bytesSent, bytesReceived, elapsedMs, ...counters } = scan.counters();
  const { bytesSent: _, bytesReceived: __, elapsedMs: ___, ...earlier } = EARLIER;
  assert.deepEqual(counters, { ...earlier, sent: 22, closed: 5 });
  assert(bytesSent > EARLIER.bytesSent && bytesReceived > EARLIER.bytesReceived);
  assert(elapsedMs > EARLIER.elapsedMs);
});
