import assert from "node:assert/strict";
import { formatSweepSummary } from "../../../src/commands/sweep_summary.ts";
import { COUNTERS, DONE, factsOf } from "./sweep_end.ts";

Deno.test("a sweep that is done", async () => {
  const facts = await factsOf("sweep 198.50.0.0/16 -p 80 -o results --retries 1");
  assert.deepEqual(formatSweepSummary(facts, DONE), [
    "margay: swept in 15s",
    "  asked for    198.50.0.0/16: 65,536 targets",
    "  sent         65,536 probes and 40,000 again, 7,036/s, 8.58 MiB out, 1.62 MiB in",
    "  answers      13,215 open (20.2% of the probes)",
    "               11,010 closed",
    "                   12 unreachable",
    "               41,299 filtered",
    "  results      13,215 to results: open",
    "  through      65,000 targets: neighbours on eth0",
    "               536 targets: addresses of this host",
  ]);
});

Deno.test("a sweep that was cut short says what was lost and how to go on", async () => {
  const facts = await factsOf("sweep 10.0.0.0/16 --all");
  const counters = {
    ...COUNTERS,
    ...{ sent: 30_000, repeated: 0, filtered: undefined, unrouted: 256, duplicate: 7, forged: 8, outside: 9 },
    ...{ receiveDrops: 1, deferred: 2, sendShortfalls: 3, kernelResets: 4 },
  };
  const outcome = { reason: "limit", limit: "minHitRate", cursor: 30_001n } as const;
  assert.deepEqual(formatSweepSummary(facts, { outcome, counters, results: 24_237 }), [
    "margay: stopped by --min-hitrate after 15s",
    "  asked for    10.0.0.0/16: 65,536 targets",
    "  sent         30,000 of 65,280 probes, 2,000/s, 8.58 MiB out, 1.62 MiB in",
    "  answers      13,215 open (44.1% of the probes)",
    "               11,010 closed",
    "                   12 unreachable",
    "  results      24,237 to standard output",
    "  through      65,000 targets: neighbours on eth0",
    "               536 targets: addresses of this host",
    "  ignored      7 answers of targets that had answered",
    "               8 answers to nothing that was sent",
    "               9 answers from outside the targets",
    "  lost         1 frames dropped before they were read: give --receive-memory or --readers, or lower --rate",
    "               2 answers put off for want of room: asked again with --retries",
    "               3 frames that the interface refused at first",
    "               4 resets sent by this host's kernel or firewall: it took answers for its own",
    "  note         10.0.0.0/16 is special-purpose, Private-Use 10.0.0.0/8 (RFC 1918), and was probed because it was named",
    "               not probed for want of a route: 256 targets",
    "               to go on: --seed 42 --cursor 30001",
  ]);
});

Deno.test("every end has a first line, and says how to go on where one can", async () => {
  const facts = await factsOf("sweep 198.50.0.0/16");
  const ends = [
    [{ reason: "interrupted", cursor: 5n }, "margay: interrupted after 15s"],
    [{ reason: "unread", cursor: undefined }, "margay: interrupted after 15s"],
    [{ reason: "failed", error: new Error("x"), cursor: undefined }, "margay: failed after 15s"],
    [
      { reason: "limit", limit: "maxResults", cursor: undefined },
      "margay: stopped by --max-results after 15s",
    ],
  ] as const;
  for (const [outcome, headline] of ends) {
    const lines = formatSweepSummary(facts, { ...DONE, outcome });
    assert.equal(lines[0], headline);
    const canGoOn = lines.some((line) => line.includes("to go on"));
    assert.equal(canGoOn, outcome.cursor !== undefined, "only from a place that loses nothing");
  }
});
