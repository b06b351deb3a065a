import assert from "node:assert/strict";
import { MetadataFile, sweepMetadata } from "../../../src/commands/sweep_metadata.ts";
import { DONE, factsOf } from "./sweep_end.ts";

const COMMAND_LINE = "sweep 198.51.0.0/16 -p 80 -e 42 --shard 1/2 --cursor 9007199254740993";

Deno.test("what was asked, decided and counted", async () => {
  const facts = await factsOf(COMMAND_LINE);
  const metadata = JSON.parse(sweepMetadata(facts, DONE));
  assert.equal(metadata.started, "2026-11-21T12:39:56.198Z");
  assert.ok(Date.parse(metadata.ended) > Date.parse(metadata.started) - 1e12);
  assert.equal(metadata.outcome, "done");
  assert.equal(metadata.seed, 42);
  assert.equal(metadata.cursor, "65536");
  assert.equal(metadata.results, 13_215);
  assert.equal(metadata.hit_rate, 13_215 / 65_536);
  assert.equal(metadata.counters.receive_drops, 0);
  assert.equal(metadata.counters.elapsed_ms, 15_000);
  assert.equal(metadata.options.cursor, "9007199254740993", "beyond what a JSON number holds");
  assert.equal(metadata.options.include_special, false);
  assert.deepEqual(metadata.options.shard, { index: 0, count: 2 });
  assert.deepEqual(metadata.hops, [{
    interface: "eth0",
    kind: "on_link",
    vlan: 0,
    sources: ["192.0.2.1"],
    targets: 65_000,
    reason: "neighbours on eth0",
  }]);
  assert.deepEqual(metadata.kernel, [{ targets: 536, reason: "addresses of this host" }]);
  assert.deepEqual(metadata.notes, ["a note"]);
});

Deno.test("every name is in snake case, and a great count is text", async () => {
  const counters = { ...DONE.counters, targets: 2 ** 60 };
  const facts = await factsOf(`${COMMAND_LINE} -n 10`);
  const metadata = JSON.parse(sweepMetadata(facts, { ...DONE, counters }), (name, value) => {
    assert.match(name, /^[a-z\d_]*$/);
    return value;
  });
  assert.equal(metadata.counters.targets, "1152921504606846976");
  assert.deepEqual(metadata.options.max_targets, { count: 10 });
});

Deno.test("a sweep that cannot go on has no cursor", async () => {
  const outcome = { reason: "unread", cursor: undefined } as const;
  const metadata = JSON.parse(sweepMetadata(await factsOf(COMMAND_LINE), { ...DONE, outcome }));
  assert.ok(!("cursor" in metadata));
});

Deno.test("limits and failures are named", async () => {
  const facts = await factsOf(COMMAND_LINE);
  const stopped = { reason: "limit", limit: "maxRuntime", cursor: 7n } as const;
  const limited = JSON.parse(sweepMetadata(facts, { ...DONE, outcome: stopped }));
  assert.deepEqual([limited.outcome, limited.limit, limited.cursor], ["limit", "max_runtime", "7"]);
  const failure = { reason: "failed", error: new Error("Cannot reach it"), cursor: 0n } as const;
  const failed = JSON.parse(sweepMetadata(facts, { outcome: failure }));
  assert.deepEqual([failed.outcome, failed.error, failed.counters], ["failed", "Cannot reach it", undefined]);
});

Deno.test("the file says that it is running, until it says how it ended", async () => {
  const path = await Deno.makeTempFile();
  try {
    const file = new MetadataFile(path, await factsOf(COMMAND_LINE));
    assert.equal(JSON.parse(await Deno.readTextFile(path)).outcome, "running");
    file.finish(DONE);
    assert.equal(JSON.parse(await Deno.readTextFile(path)).outcome, "done");
    const facts = await factsOf(COMMAND_LINE);
    assert.throws(() => new MetadataFile(`${path}/x`, facts), /^Error: Cannot write metadata to /);
  } finally {
    await Deno.remove(path);
  }
});
