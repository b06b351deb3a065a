import assert from "node:assert/strict";
import type { Observation } from "../../../src/observe/mod.ts";
import { type AskedName, RunFold, type RunState } from "../../../src/scan/run_state.ts";
import type { Target } from "../../../src/scan/target_feed.ts";
import { parseAddress } from "../../../src/targets/mod.ts";

const time = "2026-01-31T23:59:59.000Z";

/** Records of a log, as far as the fold looks at them. */
function host(address: string, port = 443): Observation {
  return { type: "host", time, address, port, verdict: "open", transport: "wire" };
}

function tls(address: string, name?: string, outcome = "captured"): Observation {
  const server_name = name === undefined ? {} : { server_name: name };
  return {
    type: "tls",
    time,
    address,
    port: 443,
    ...server_name,
    outcome,
    chain: ["aa", "bb"],
  } as unknown as Observation;
}

function checkpoint(
  cursor: string,
  pending: readonly string[],
  counters: Record<string, number> = {},
): Observation {
  return {
    type: "checkpoint",
    time,
    cursor,
    targets_settled: Number(cursor) - 1,
    pending: pending.map((address) => [address, 443] as const),
    counters,
  };
}

function target(address: string, port = 443): Target {
  return { address: parseAddress(address)!, port };
}

/** Of hosts that are asked for nothing but their certificate, under one name or none. */
function isWhole(_target: Target, names: ReadonlySet<AskedName>): boolean {
  return names.size > 0;
}

function fold(records: readonly Observation[], whole = isWhole): RunState {
  const run = new RunFold();
  for (const record of records) run.take(record);
  return run.finish(whole);
}

Deno.test("a run that was killed before its first checkpoint begins again, but for whom it has captured", () => {
  const { progress, pending, known } = fold([host("192.0.2.1"), host("192.0.2.2"), tls("192.0.2.1")]);
  assert.deepEqual(progress, { cursor: 0n, targetCount: 0, repeatCursor: 0n, repeatPass: 0 });
  assert.deepEqual(pending, [target("192.0.2.2")]);
  assert.equal(known.count, 2);
  assert.ok(known.has(target("192.0.2.1").address, 443));
  assert.ok(!known.has(target("192.0.2.1").address, 8443));
});

Deno.test("pending is what was so at the last checkpoint or came behind it, less what is captured since", () => {
  const { progress, pending } = fold([
    host("192.0.2.1"),
    host("192.0.2.2"),
    checkpoint("7", ["192.0.2.1", "192.0.2.2"]),
    host("192.0.2.3"),
    tls("192.0.2.1"),
    checkpoint("9", ["192.0.2.2", "192.0.2.3", "2001:db8::1"]),
    host("192.0.2.4"),
    host("192.0.2.5"),
    tls("192.0.2.3"),
    tls("192.0.2.5"),
  ]);
  assert.deepEqual([progress.cursor, progress.targetCount], [9n, 8]);
  assert.deepEqual(pending, [target("192.0.2.2"), target("2001:db8::1"), target("192.0.2.4")]);
});

Deno.test("a capture that this side broke off is none", () => {
  const { pending, captures } = fold([
    host("192.0.2.1"),
    host("192.0.2.2"),
    tls("192.0.2.1", undefined, "abandoned"),
    tls("192.0.2.2", undefined, "exhausted"),
  ]);
  assert.deepEqual(pending, [target("192.0.2.1"), target("192.0.2.2")]);
  assert.deepEqual(captures.outcomes, {});
});

Deno.test("a host that is asked under several names is whole with all of them", () => {
  const needed: AskedName[] = [undefined, "a.example"];
  const whole = (_target: Target, names: ReadonlySet<AskedName>) => needed.every((name) => names.has(name));
  const first = [host("192.0.2.1"), tls("192.0.2.1")];
  assert.deepEqual(fold(first, whole).pending, [target("192.0.2.1")]);
  assert.deepEqual(fold([...first, tls("192.0.2.1", "a.example")], whole).pending, []);
  // What was captured in front of a checkpoint at which the host was pending is captured again.
  const cut = [...first, checkpoint("3", ["192.0.2.1"]), tls("192.0.2.1", "a.example")];
  assert.deepEqual(fold(cut, whole).pending, [target("192.0.2.1")]);
});

Deno.test("totals are those of the last checkpoint and of what is whole since", () => {
  const counters = {
    sent: 100,
    open: 2,
    closed: 5,
    certificates: 4,
    elapsed_ms: 900,
    captures_captured: 2,
    captures_timeout: 1,
  };
  const { totals, captures } = fold([
    host("192.0.2.1"),
    host("192.0.2.2"),
    checkpoint("7", ["192.0.2.2"], counters),
    host("192.0.2.3"),
    host("192.0.2.4"),
    tls("192.0.2.2"),
    tls("192.0.2.3", undefined, "not_tls"),
  ]);
  assert.deepEqual([totals.sent, totals.open, totals.closed, totals.elapsedMs], [100, 4, 5, 900]);
  assert.deepEqual(captures.outcomes, { captured: 3, timeout: 1, not_tls: 1 });
  assert.equal(captures.certificates, 8);
});

Deno.test("certificates, names, the pass over the silent, and whether all is done", () => {
  const run = new RunFold();
  run.take({ type: "certificate", time, fingerprint: "aa" } as Observation);
  run.take({ type: "name", time, name: "a.example", addresses: ["192.0.2.1"] });
  run.take({ ...checkpoint("7", []), repeat: { pass: 2, cursor: "5" } } as Observation);
  run.take({ type: "end", time, reason: "interrupted", counters: {} });
  assert.ok(!run.isDone);
  assert.deepEqual(run.names.get("a.example"), ["192.0.2.1"]);
  const { captures, progress } = run.finish(isWhole);
  assert.deepEqual([...captures.fingerprints], ["aa"]);
  assert.deepEqual(progress, { cursor: 7n, targetCount: 6, repeatCursor: 5n, repeatPass: 2 });
  run.take({ type: "end", time, reason: "done", counters: {} });
  assert.ok(run.isDone);
});

Deno.test("a checkpoint that makes no sense is passed over", () => {
  const sound = checkpoint("7", ["192.0.2.1"]);
  const senseless = [
    { cursor: "-1" },
    { cursor: 9 },
    { cursor: "18446744073709551616" },
    { targets_settled: -1 },
    { pending: [7] },
    { repeat: { pass: "1", cursor: "1" } },
    { repeat: null },
  ];
  for (const fields of senseless) {
    const { progress, pending } = fold([
      sound,
      { ...checkpoint("9", []), ...fields } as unknown as Observation,
    ]);
    assert.equal(progress.cursor, 7n, Deno.inspect(fields));
    assert.deepEqual(pending, [target("192.0.2.1")]);
  }
  const strange = [["nowhere", 443], ["192.0.2.1", 70_000], ["192.0.2.1", 1.5], [1, 1], ["192.0.2.2", 443]];
  const { pending } = fold([{ ...checkpoint("9", []), pending: strange } as unknown as Observation]);
  assert.deepEqual(pending, [target("192.0.2.2")]);
});
