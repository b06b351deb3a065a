import assert from "node:assert/strict";
import { formatStatus, STATUS_HEADER, StatusFile } from "../../../src/commands/sweep_status.ts";
import type { SweepCounters } from "../../../src/scan/sweep_report.ts";
import { COUNTERS } from "./sweep_end.ts";

/** What ZMap 2.1.1 writes first. */
const ZMAP_HEADER = "real-time,time-elapsed,time-remaining,percent-complete,active-send-threads,sent-total," +
  "sent-last-one-sec,sent-avg-per-sec,recv-success-total,recv-success-last-one-sec,recv-success-avg-per-sec," +
  "recv-total,recv-total-last-one-sec,recv-total-avg-per-sec,pcap-drop-total,drop-last-one-sec,drop-avg-per-sec," +
  "sendto-fail-total,sendto-fail-last-one-sec,sendto-fail-avg-per-sec";

const NOW = new Date(2026, 10, 21, 12, 40, 0);

function sending(sent: number, elapsedMs: number, changes: Partial<SweepCounters> = {}): SweepCounters {
  const nothing = { repeated: 0, open: 0, closed: 0, unreachable: 0, receiveDrops: 0, sendShortfalls: 0 };
  return { ...COUNTERS, ...nothing, state: "sending", targets: 4096, sent, elapsedMs, ...changes };
}

Deno.test("the columns are ZMap's", () => {
  assert.equal(STATUS_HEADER, ZMAP_HEADER);
  assert.equal(formatStatus(sending(0, 0), undefined, NOW).split(",").length, ZMAP_HEADER.split(",").length);
});

Deno.test("totals, the last second and the average", () => {
  const first = sending(1000, 1000, { open: 600, closed: 100 });
  assert.equal(
    formatStatus(first, undefined, NOW),
    "2026-11-21 12:40:00,1,3,24.414063,1,1000,1000,1000,600,600,600,700,700,700,0,0,0,0,0,0",
  );
  const second = sending(2048, 2000, {
    open: 700,
    closed: 300,
    duplicate: 6,
    receiveDrops: 8,
    sendShortfalls: 2,
  });
  assert.equal(
    formatStatus(second, first, NOW),
    "2026-11-21 12:40:00,2,2,50.000000,1,2048,1048,1024,700,100,350,1006,306,503,8,8,4,2,2,1",
  );
});

Deno.test("targets that are passed over are dealt with", () => {
  const counters = sending(1000, 1000, { unrouted: 24, unresolved: 1024 });
  assert.match(formatStatus(counters, undefined, NOW), /^2026-11-21 12:40:00,1,1,50\.000000,1,1000,/);
});

Deno.test("the start and the end", () => {
  assert.equal(
    formatStatus(sending(0, 0), undefined, NOW),
    "2026-11-21 12:40:00,0,0,0.000000,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0",
  );
  const done = sending(4096, 4000, { state: "done" });
  assert.match(formatStatus(done, undefined, NOW), /^2026-11-21 12:40:00,4,0,100\.000000,0,4096,/);
});

Deno.test("the file has a line at the end, however short the sweep, and a bad path is refused", async () => {
  const path = await Deno.makeTempFile();
  try {
    const status = new StatusFile(path);
    status.start(() => sending(4096, 500, { state: "done" }));
    status.finish();
    const lines = (await Deno.readTextFile(path)).trimEnd().split("\n");
    assert.equal(lines.length, 2);
    assert.equal(lines[0], ZMAP_HEADER);
    assert.throws(() => new StatusFile(`${path}/x`), /^Error: Cannot write the status to /);
  } finally {
    await Deno.remove(path);
  }
});
