import assert from "node:assert/strict";
import { formatSummary } from "../../../src/commands/summary.ts";
import type { ScanReport } from "../../../src/scan/report.ts";

const report: ScanReport = {
  runId: "20260131T235959Z-9f86d081",
  outcome: "done",
  asked: ["198.18.0.0/16"],
  exclusions: [
    { kind: "blocklist", reason: "quiet.txt", targetCount: 1_024n, addressCount: 1_024n },
    { kind: "special", reason: "Private-Use 10.0.0.0/8 (RFC 1918)", targetCount: 12n, addressCount: 12n },
  ],
  transports: [
    { name: "wire", targets: 64_499, reason: "through the gateway 10.0.0.1 on eth0" },
    { name: "kernel", targets: 1, reason: "its route is local to this host" },
  ],
  counters: {
    targets: 64_500,
    sent: 64_500,
    passedOver: 0,
    open: 32_768,
    closed: 16_384,
    unreachable: 12,
    verified: 32_768,
    captures: { captured: 32_700, alert: 60, timeout: 8, reset: 0 },
    verifications: { trusted: 32_000, expired: 700 },
    sessions: { trusted: 31_990 },
    certificates: 32_700,
    uniqueCertificates: 512,
    bytesSent: 9_000_000,
    bytesReceived: 61_000_000,
    sendDrops: 0,
    receiveDrops: 0,
    elapsedMs: 14_300,
  },
  log: "margay-20260131T235959Z",
  graph: undefined,
  resumable: undefined,
  isResumed: false,
  notes: [],
};

Deno.test("a scan that is done", () => {
  assert.deepEqual(formatSummary(report), [
    "margay: run 20260131T235959Z-9f86d081 done in 14s",
    "  asked for    198.18.0.0/16: 64,500 targets",
    "  left out     1,024 by blocklist: quiet.txt",
    "                  12 by special purpose: Private-Use 10.0.0.0/8 (RFC 1918)",
    "  sent         64,500 probes, 8.58 MiB out, 58.2 MiB in, 39.2 Mbit/s on average",
    "  answers      32,768 open (50.8% of the targets), 32,768 of them verified",
    "               16,384 closed",
    "                   12 unreachable",
    "               15,336 filtered",
    "  transport    wire for 64,499 targets: through the gateway 10.0.0.1 on eth0",
    "               kernel for 1 target: its route is local to this host",
    "  captures     32,700 captured",
    "                   60 alert",
    "                    8 timeout",
    "  certificates 32,700 received, 512 different",
    "  trust        32,000 trusted",
    "                  700 expired",
    "  sessions     31,990 trusted",
    "  log          margay-20260131T235959Z",
  ]);
});

Deno.test("targets that nothing was sent to leave no doubt about those that kept silent", () => {
  const again = formatSummary({ ...report, isResumed: true });
  assert.ok(!again.some((line) => line.endsWith(" filtered")), "some were counted twice");
  const lines = (sent: number, passedOver: number) =>
    formatSummary({ ...report, counters: { ...report.counters, sent, passedOver } });
  assert.ok(lines(64_488, 12).includes("               15,336 filtered"));
  assert.ok(!lines(64_488, 11).some((line) => line.endsWith(" filtered")), "a limit ended it");
});

Deno.test("a scan that was interrupted, with losses, on standard output", () => {
  const counters = { ...report.counters, sent: 20_000, sendDrops: 3, receiveDrops: 1_200, elapsedMs: 4_000 };
  const interrupted: ScanReport = {
    ...report,
    outcome: "interrupted",
    asked: ["a.example", "b.example", "c.example", "d.example", "e.example", "f.example"],
    exclusions: [],
    transports: [],
    counters: { ...counters, captures: {}, verifications: {}, sessions: {} },
    log: undefined,
    notes: ["CAP_NET_RAW is missing: sockets are used", "name \x1b[31mred"],
  };
  assert.deepEqual(formatSummary(interrupted), [
    "margay: run 20260131T235959Z-9f86d081 interrupted after 4.0s",
    "  asked for    a.example b.example c.example d.example and 2 more: 64,500 targets",
    "  sent         20,000 of 64,500 probes, 8.58 MiB out, 58.2 MiB in, 140 Mbit/s on average",
    "  answers      32,768 open (50.8% of the targets), 32,768 of them verified",
    "               16,384 closed",
    "                   12 unreachable",
    "  certificates 32,700 received, 512 different",
    "  dropped          3 frames refused by the interface: lower --rate",
    "               1,200 frames lost before they were read: some answers are missing",
    "  note         CAP_NET_RAW is missing: sockets are used",
    "               name \\u{1b}[31mred",
  ]);
});

Deno.test("a scan that can be gone on with says how", () => {
  const lines = (outcome: ScanReport["outcome"], resumable: string) =>
    formatSummary({ ...report, outcome, resumable });
  assert.equal(lines("interrupted", "run").at(-1), "  to go on     margay scan --resume run");
  const limited = lines("limit", "my run's");
  assert.equal(limited[0], "margay: run 20260131T235959Z-9f86d081 stopped by --max-runtime after 14s");
  assert.equal(limited.at(-1), "  to go on     margay scan --resume 'my run'\\''s'");
  assert.ok(!limited.some((line) => line.endsWith(" filtered")), "not everything was asked");
});

Deno.test("the summary says what became of the graph", () => {
  const path = "margay-20260131T235959Z/graph.sqlite";
  const asDatabase = undefined;
  const said = (graph: ScanReport["graph"], log = report.log) =>
    formatSummary({ ...report, log, graph }).filter((line) => line.includes("graph"));
  assert.deepEqual(said({ path, asDatabase, end: { state: "complete" }, history: undefined }), [
    "  graph        margay-20260131T235959Z/graph.sqlite",
  ]);
  assert.deepEqual(said({ path, asDatabase, end: { state: "behind" }, history: undefined }), [
    "  graph        margay-20260131T235959Z/graph.sqlite, which goes on being built in the background",
  ]);
  assert.deepEqual(
    said({ path, asDatabase, end: { state: "failed", reason: "the disk is full" }, history: undefined }),
    [
      "  graph        not complete: the disk is full",
      "               margay graph build margay-20260131T235959Z --graph margay-20260131T235959Z/graph.sqlite " +
      "completes it from the log",
    ],
  );
  const moved = { path: "all of it.sqlite", asDatabase: "asn.csv", history: undefined };
  assert.deepEqual(
    said({ ...moved, end: { state: "killed" } }, "a run").at(-1)!.trim(),
    "margay graph build 'a run' --graph 'all of it.sqlite' --asn-db asn.csv completes it from the log",
  );
  const [, changes] = formatSummary({
    ...report,
    graph: {
      path,
      asDatabase,
      end: { state: "complete" },
      history: "1 rotation, 0 migrations, 0 suspicious replacements",
    },
  }).slice(-2);
  assert.equal(changes!.trim(), "1 rotation, 0 migrations, 0 suspicious replacements since the runs before");
});
