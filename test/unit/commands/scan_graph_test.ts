import assert from "node:assert/strict";
import { formatRest } from "../../../src/commands/scan_graph.ts";

Deno.test("how much of a log is in its graph, or whom the builder waits for", () => {
  const progress = { segment: 1, offset: 512, records: 1_234, waiting: false };
  const log = { octets: 1_024, octetsBefore: ({ offset }: { readonly offset: number }) => offset };
  assert.equal(formatRest("g.sqlite", progress, undefined, 80), "graph: the rest of the log  1,234 records");
  assert.equal(formatRest("g.sqlite", progress, log, 80), "graph: 50.0% of the log  1,234 records");
  assert.equal(
    formatRest("g\u001b.sqlite", { ...progress, waiting: true }, log, 80),
    "graph: waits for another builder of g\\u{1b}.sqlite",
  );
  assert.equal(formatRest("g.sqlite", { ...progress, waiting: true }, log, 12), "graph: waits");
});
