import assert from "node:assert/strict";
import { createRunId, timestamp } from "../../../src/observe/mod.ts";

const NEW_YEAR = Date.UTC(2026, 0, 31, 23, 59, 59, 123);

Deno.test("times are UTC with milliseconds", () => {
  assert.equal(timestamp(NEW_YEAR), "2026-01-31T23:59:59.123Z");
  assert.equal(timestamp(NEW_YEAR + 1), "2026-01-31T23:59:59.124Z");
  assert.equal(timestamp(NEW_YEAR), "2026-01-31T23:59:59.123Z");
});

Deno.test("run ids sort by start time and differ within a second", () => {
  assert.match(createRunId(NEW_YEAR), /^20260131T235959Z-[0-9a-f]{8}$/);
  assert.ok(createRunId(NEW_YEAR) < createRunId(NEW_YEAR + 1_000));
  assert.notEqual(createRunId(NEW_YEAR), createRunId(NEW_YEAR));
});
