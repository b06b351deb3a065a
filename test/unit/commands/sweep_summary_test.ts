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
    "               536 targets: the kernel's sockets: addresses of this host",
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
    "               536 targets: the kernel's sockets: addresses of this host",
    "  ignored      7 answers of targets that had answered",
    "               8 answers to nothing that was sent",
    "               9 answers from outside the targets",
    "  lost         1 frames dropped before they were read: give --receive-memory or --readers, or lower --rate",
    "               2 answers put off for want of room: asked again with --retries",
    "               3 frames that the interface refused at first",
    "  note         10.0.0.0/16 is special-purpose, Private-Use 10.0.0.0/8 (RFC 1918), and was probed because it was named",
    "               not probed for want of a route: 256 targets",
    "               this host's kernel or firewall answered targets with 4 resets: something here rejects what " +
    "comes to the source ports; see: nft list ruleset, iptables-save",
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

Deno.test("neighbours that are not there leave nothing unfinished", async () => {
  const facts = await factsOf("sweep 198.50.0.0/16");
  const counters = { ...COUNTERS, sent: 599, repeated: 0, unresolved: 64_937 };
  const lines = formatSweepSummary(facts, { ...DONE, counters });
  assert.equal(
    lines.find((line) => line.startsWith("  sent")),
    "  sent         599 probes, 40/s, 8.58 MiB out, 1.62 MiB in; 64,937 targets have no neighbour that answers",
  );
});

Deno.test("of a part of the targets it is not said how many went which way", async () => {
  const facts = await factsOf("sweep 198.50.0.0/16 -n 1000");
  const counters = { ...COUNTERS, targets: 1000, sent: 1000 };
  assert.deepEqual(formatSweepSummary(facts, { ...DONE, counters }).slice(-2), [
    "  through      neighbours on eth0",
    "               the kernel's sockets: addresses of this host",
  ]);
});

Deno.test("how to go on under a limit: with what is left of it, for all shards together", async () => {
  const outcome = { reason: "interrupted", cursor: 5n } as const;
  const hint = async (commandLine: string, targets: number, concluded: number) => {
    // What was sent last has not had its time: it is asked again.
    const counters = { ...COUNTERS, targets, concluded, sent: concluded + 50 };
    const lines = formatSweepSummary(await factsOf(commandLine), { ...DONE, counters, outcome });
    return /to go on: .*/.exec(lines.join("\n"))?.[0];
  };
  const limited = "sweep 198.50.0.0/16 -n 1000";
  assert.equal(await hint(limited, 1000, 300), "to go on: --seed 42 --cursor 5 -n 700");
  assert.equal(await hint(`${limited} -e 42 --shard 1/2`, 500, 300), "to go on: --seed 42 --cursor 5 -n 400");
  assert.equal(await hint(limited, 1000, 1000), undefined, "nothing is left");
  const drawn = "sweep 3000::/48 -n 1000";
  assert.equal(
    await hint(drawn, 1000, 300),
    "to go on: --seed 42 --cursor 5",
    "the limit says what is drawn",
  );
});
