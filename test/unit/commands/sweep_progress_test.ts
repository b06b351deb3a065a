import assert from "node:assert/strict";
import { formatSweepProgress, sweepProgress } from "../../../src/commands/sweep_progress.ts";
import type { SweepCounters } from "../../../src/scan/sweep_report.ts";
import { COUNTERS } from "./sweep_end.ts";

const SENDING: SweepCounters = {
  ...COUNTERS,
  state: "sending",
  pass: 0,
  sent: 29_491,
  repeated: 0,
  filtered: undefined,
};

Deno.test("the line fits, and what matters least goes first", () => {
  const view = { counters: SENDING, sentPerSecond: 19_980 };
  const snapshot: Record<number, string> = {
    200:
      "45.0%  29,491 sent  20.0K/s  of 20.0K/s  13,215 open  11.0K closed  12 unreachable  44.8% hits  1.8s left",
    110:
      "45.0%  29.5K sent  20.0K/s  of 20.0K/s  13.2K open  11.0K closed  12 unreachable  44.8% hits  1.8s left",
    95: "45.0%  29.5K sent  20.0K/s  of 20.0K/s  13.2K open  11.0K closed  12 unreachable  1.8s left",
    79: "45.0%  29.5K sent  20.0K/s  of 20.0K/s  13.2K open  11.0K closed  1.8s left",
    60: "45.0%  29.5K sent  20.0K/s  13.2K open  1.8s left",
    30: "45.0%  13.2K open  1.8s left",
    20: "45.0%  13.2K open",
    10: "45.0%",
  };
  for (const [columns, line] of Object.entries(snapshot)) {
    assert.equal(formatSweepProgress(view, Number(columns)), line);
  }
  for (let columns = 0; columns < 200; columns += 1) {
    assert.ok(formatSweepProgress(view, columns).length <= columns);
  }
});

Deno.test("what is lost stays until last", () => {
  const counters = { ...SENDING, receiveDrops: 1000, deferred: 234 };
  assert.equal(formatSweepProgress({ counters, sentPerSecond: 1 }, 27), "45.0%  1.23K answers lost");
});

Deno.test("targets that are passed over are dealt with", () => {
  const counters = { ...SENDING, sent: 599, targets: 1024, unrouted: 25, unresolved: 300 };
  const shareOf = (changes: Partial<SweepCounters>) =>
    formatSweepProgress({ counters: { ...counters, ...changes }, sentPerSecond: 1 }).split("  ")[0];
  assert.equal(shareOf({}), "90.2%");
  assert.equal(shareOf({ unresolved: 400 }), "sent all");
});

Deno.test("the stages of a sweep", () => {
  const stageOf = (changes: Partial<SweepCounters>, sentPerSecond = 10_000) =>
    formatSweepProgress({ counters: { ...SENDING, ...changes }, sentPerSecond }).split("  ").at(-1);
  assert.equal(stageOf({ sent: 0 }, 0), "starting");
  assert.equal(stageOf({ sent: 55_536 }), "1.0s left");
  // Whoever is passed over needs no probe, and the kernel's sockets wait for the last ones while they are "sending".
  assert.equal(stageOf({ sent: 55_000, unrouted: 500, unresolved: 36 }), "1.0s left");
  assert.equal(stageOf({ sent: 60_000, unrouted: 5_000, unresolved: 536 }), "waiting for answers");
  assert.equal(stageOf({ state: "waiting" }), "waiting for the link");
  assert.equal(stageOf({ state: "cooling" }), "waiting for answers");
  assert.equal(stageOf({ pass: 2 }), "asking again (2)");
  assert.equal(stageOf({ state: "done" }), "done");
});

Deno.test("speed is that of the last seconds, and a changed rate shows", () => {
  let counters = { ...SENDING, sent: 0, elapsedMs: 0 };
  const line = sweepProgress(() => counters);
  line(200);
  for (let second = 1; second <= 10; second += 1) {
    counters = { ...counters, sent: second * 1000, elapsedMs: second * 1000 };
    line(200);
  }
  counters = { ...counters, sent: 14_000, elapsedMs: 11_000, rate: 21_000 };
  assert.match(line(200), /14,000 sent {2}2\.00K\/s {2}of 21\.0K\/s/);
});
