import assert from "node:assert/strict";
import {
  formatBits,
  formatBytes,
  formatDuration,
  formatShare,
  formatShort,
  parseCount,
  parseSeconds,
} from "../../../src/commands/units.ts";

Deno.test("counts are read with ZMap's suffixes", () => {
  const cases = {
    "1": 1,
    "10K": 10_000,
    "10k": 10_000,
    "1.5M": 1_500_000,
    "2G": 2e9,
    "1.001K": 1_001,
    "0.3K": 300,
  };
  for (const [text, count] of Object.entries(cases)) assert.equal(parseCount(text), count, text);
  for (
    const text of ["", "K", "-1", "1e3", " 1", "1 K", "1T", "0x10", "1.", ".5K", "0", "1.5", "99999999G"]
  ) {
    assert.throws(() => parseCount(text), Error, text);
  }
});

Deno.test("seconds are read", () => {
  assert.equal(parseSeconds("8"), 8);
  assert.equal(parseSeconds("0.25"), 0.25);
  for (const text of ["", "-1", "1s", "Infinity", "99999999"]) {
    assert.throws(() => parseSeconds(text), Error, text);
  }
});

Deno.test("counts are written for people", () => {
  assert.deepEqual(
    [0, 7, 999, 1000, 1234, 12_345, 99_949, 99_999, 123_456, 999_499, 999_999, 4_294_967_296].map(
      formatShort,
    ),
    ["0", "7", "999", "1.00K", "1.23K", "12.3K", "99.9K", "100K", "123K", "999K", "1.00M", "4.29G"],
  );
});

Deno.test("speeds and sizes are written for people", () => {
  assert.deepEqual([0, 512, 20e6, 1.25e9].map(formatBits), [
    "0 bit/s",
    "512 bit/s",
    "20.0 Mbit/s",
    "1.25 Gbit/s",
  ]);
  assert.deepEqual([0, 1023, 1024, 5_242_880].map(formatBytes), ["0 B", "1.00 KiB", "1.00 KiB", "5.00 MiB"]);
});

Deno.test("durations are written for people", () => {
  const minute = 60_000;
  const cases: [number, string][] = [
    [0, "0.0s"],
    [449, "0.4s"],
    [9_949, "9.9s"],
    [9_999, "10s"],
    [59_400, "59s"],
    [59_600, "1m 00s"],
    [3 * minute + 5_000, "3m 05s"],
    [59 * minute + 59_600, "1h 00m"],
    [127 * minute, "2h 07m"],
    [(23 * 60 + 59.6) * minute, "1d 00h"],
    [99 * 60 * minute, "4d 03h"],
  ];
  for (const [milliseconds, text] of cases) assert.equal(formatDuration(milliseconds), text);
});

Deno.test("a share that is something never reads as nothing, nor one that lacks something as all", () => {
  assert.equal(formatShare(0, 0), "0.0%");
  assert.equal(formatShare(0, 10), "0.0%");
  assert.equal(formatShare(1, 1_000_000), "<0.1%");
  assert.equal(formatShare(1, 8), "12.5%");
  assert.equal(formatShare(999_999, 1_000_000), "99.9%");
  assert.equal(formatShare(8, 8), "100.0%");
});
