import assert from "node:assert/strict";
import { formatProgress, Progress } from "../../../src/commands/progress.ts";
import type { ScanCounters } from "../../../src/scan/report.ts";

const counters: ScanCounters = {
  targets: 65_536,
  sent: 29_491,
  passedOver: 0,
  open: 13_215,
  closed: 11_010,
  unreachable: 12,
  verified: 13_101,
  captures: { captured: 12_998, timeout: 3 },
  verifications: {},
  sessions: {},
  certificates: 12_998,
  uniqueCertificates: 511,
  bytesSent: 9_000_000,
  bytesReceived: 41_000_000,
  sendDrops: 0,
  receiveDrops: 0,
  elapsedMs: 15_000,
};

const view = { counters, bitsPerSecond: 18_230_000, remainingMs: 72_400 };

Deno.test("the line fits, and what matters least goes first", () => {
  const snapshot: Record<number, string> = {
    200:
      "45.0%  29,491 sent  13.2K open  11.0K closed  12 unreachable  13.1K verified  12,998 certificates  " +
      "511 unique  18.2 Mbit/s  1m 12s left",
    120:
      "45.0%  29,491 sent  13.2K open  11.0K closed  13.1K verified  12,998 certificates  511 unique  18.2 Mbit/s  1m 12s left",
    119:
      "45.0%  29.5K sent  13.2K open  11.0K closed  13.1K verified  13.0K certs  511 unique  18.2 Mbit/s  1m 12s left",
    100: "45.0%  29.5K sent  13.2K open  13.1K verified  13.0K certs  511 unique  18.2 Mbit/s  1m 12s left",
    79: "45.0%  29.5K sent  13.0K certs  511 unique  18.2 Mbit/s  1m 12s left",
    60: "45.0%  13.0K certs  511 unique  18.2 Mbit/s  1m 12s left",
    40: "45.0%  13.0K certs  1m 12s left",
    20: "45.0%  1m 12s left",
    10: "45.0%",
    3: "45.",
  };
  for (const [columns, line] of Object.entries(snapshot)) {
    assert.equal(formatProgress(view, Number(columns)), line);
    assert.ok(line.length <= Number(columns));
  }
});

Deno.test("no width is exceeded, whatever the numbers", () => {
  const huge = { ...counters, targets: 2 ** 48, sent: 2 ** 47, certificates: 2 ** 40 };
  for (let columns = 0; columns < 200; columns += 1) {
    assert.ok(
      formatProgress({ counters: huge, bitsPerSecond: 1e12, remainingMs: 1e10 }, columns).length <= columns,
    );
  }
});

Deno.test("before the first probe, and after the last", () => {
  const start = { ...counters, sent: 0, open: 0, closed: 0, unreachable: 0, verified: 0, certificates: 0 };
  assert.equal(
    formatProgress({ counters: start, bitsPerSecond: 0, remainingMs: undefined }, 51),
    "0.0%  0 certs  511 unique  0 bit/s  starting",
  );
  assert.equal(
    formatProgress({ counters: { ...counters, sent: 65_536 }, bitsPerSecond: 2e6, remainingMs: 0 }, 70),
    "sent all  13.0K certs  511 unique  2.00 Mbit/s  waiting for answers",
  );
});

Deno.test("targets that are never sent to count as done, not as still to come", () => {
  const near = { ...counters, sent: 65_000, passedOver: 500 };
  assert.match(
    formatProgress({ counters: near, bitsPerSecond: 2e6, remainingMs: 0 }),
    /^99\.9% {2}65,000 sent /,
  );
  const all = { ...near, passedOver: 536 };
  assert.match(
    formatProgress({ counters: all, bitsPerSecond: 2e6, remainingMs: 0 }),
    /^sent all {2}65,000 sent /,
  );

  const terminal = fakeTerminal(undefined);
  // 29,491 probes in 15 s, and as many targets as take 10 s more.
  const passedOver = counters.targets - counters.sent - 19_661;
  new Progress(() => ({ ...counters, passedOver }), terminal).draw();
  assert.match(terminal.written[0]!, / 10s left\n$/);
});

function fakeTerminal(columns: number | undefined) {
  const written: string[] = [];
  return { columns, written, write: (text: string) => void written.push(text) };
}

Deno.test("a terminal's line is rewritten, gives way to lines that stay, and goes", () => {
  const terminal = fakeTerminal(41);
  const progress = new Progress(() => counters, terminal);
  progress.draw();
  progress.print("margay: a warning", "  in two lines");
  progress.draw();
  progress.stop();
  progress.print("margay: the end");
  const line = "\r\x1b[K45.0%  13.0K certs  18s left";
  assert.deepEqual(terminal.written, [
    line,
    "\r\x1b[Kmargay: a warning\n  in two lines\n",
    // The same counters a second time: nothing moves, so nothing can be foretold.
    "\r\x1b[K45.0%  13.0K certs  0 bit/s  held back",
    "\r\x1b[K",
    "margay: the end\n",
  ]);
});

Deno.test("elsewhere each line is whole and no control character is written", () => {
  const terminal = fakeTerminal(undefined);
  const progress = new Progress(() => counters, terminal);
  progress.draw();
  progress.print("margay: a warning");
  progress.stop();
  assert.equal(terminal.written.length, 2);
  assert.match(terminal.written[0]!, /^margay: 45\.0% {2}29,491 sent .* 26\.7 Mbit\/s {2}18s left\n$/);
  assert.equal(terminal.written[1], "margay: a warning\n");
});

Deno.test("speeds are those of the last seconds", () => {
  const terminal = fakeTerminal(undefined);
  let now: ScanCounters = counters;
  const progress = new Progress(() => now, terminal);
  for (let second = 0; second <= 10; second += 1) {
    // 1 Mbit/s and 1,000 probes/s, after a start that was much faster.
    now = {
      ...counters,
      elapsedMs: counters.elapsedMs + second * 1000,
      sent: counters.sent + second * 1000,
      bytesSent: counters.bytesSent + second * 125_000,
    };
    progress.draw();
  }
  assert.match(terminal.written.at(-1)!, / 1\.00 Mbit\/s {2}26s left\n$/);
});

Deno.test("start and stop leave no timer behind", () => {
  const progress = new Progress(() => counters, fakeTerminal(80));
  progress.start();
  progress.stop();
});
