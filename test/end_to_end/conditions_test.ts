import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { runInLab } from "../lab/mod.ts";
import { CONDITIONS, type Conditions, conditionsTable, type Row } from "./conditions.ts";

/** Rows of the table that an ordinary run of the tests looks at; with `MARGAY_TEST_SEEDS` above 1 it is all of them. */
const LOOKED_AT_ROUND_TRIP = "20ms..200ms";

/** In points of percent, and of what is missed: threads that run at other times lose other packets. */
const TOLERANCE = 0.5;
const TOLERANCE_OF_MISSED = 0.5;

Deno.test("scan: loss, reordering and distance cost time, and of captures what the snapshot says", async () => {
  const snapshot = await readFile(new URL("./conditions_snapshot.txt", import.meta.url), "utf8");
  const isWhole = Number(Deno.env.get("MARGAY_TEST_SEEDS") ?? 1) > 1;
  const conditions = isWhole
    ? CONDITIONS
    : CONDITIONS.filter(({ roundTrip }) => roundTrip === LOOKED_AT_ROUND_TRIP);
  const rows = await runInLab<Row[]>({
    module: new URL("./conditions.ts", import.meta.url).href,
    name: "scanUnder",
    argument: conditions,
  });
  // When a change is meant to change the table, put this in the snapshot's place, from a run of all rows.
  const table = conditionsTable(rows);
  for (const row of rows) {
    assert.equal(row.wrong, 0, table);
    const expected = capturedIn(snapshot, row);
    const tolerance = Math.max(TOLERANCE, TOLERANCE_OF_MISSED * (100 - expected));
    assert.ok(Math.abs(row.capturedPercent - expected) <= tolerance, table);
  }
});

/** What the snapshot says was captured under the conditions of a row, in percent. */
function capturedIn(snapshot: string, { lossPercent, reorderPercent, roundTrip }: Conditions): number {
  for (const line of snapshot.split("\n")) {
    const [loss, reorder, distance, , captured] = line.trim().split(/\s+/);
    if (loss === String(lossPercent) && reorder === String(reorderPercent) && distance === roundTrip) {
      return Number(captured);
    }
  }
  throw new Error("Cannot find a row in the snapshot: write it anew");
}
