import assert from "node:assert/strict";
import { queryGraph } from "../../../src/graph/questions/query.ts";
import { RUNS, sampleGraph } from "./sample_graph.ts";

const text = await Deno.readTextFile(new URL("../../../docs/GRAPH.md", import.meta.url));

Deno.test("each query of docs/GRAPH.md runs, and finds something where there is something", () => {
  const rows = sampleGraph();
  rows.certificate("old", { subject: "CN=old", rsaBits: 1024, domains: ["old.example"], runs: [RUNS[2]] });
  rows.serves("192.0.2.1", ["old"], { runs: [RUNS[2]], serverName: "new.example" });
  const queries = [...text.matchAll(/```sql\n([^]*?)```/g)].map(([, sql]) => sql!);
  assert.equal(queries.length, 6);
  for (const sql of queries) {
    const found = [...queryGraph(rows.database, sql).rows];
    assert(found.length > 0, sql);
    assert(found.every((row) => row.every((value) => value !== null)), sql);
  }
});

Deno.test("docs/GRAPH.md names every table and view, and no other", () => {
  const { database } = sampleGraph();
  const names = database.prepare("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')").all()
    .map(({ name }) => String(name)).filter((name) => !name.startsWith("sqlite_"));
  const [, section = ""] = text.split("## The tables\n");
  const listed = [...section.split("\n## ")[0]!.matchAll(/^\| (`[^|]*) \|/gm)]
    .flatMap(([, cell]) => [...cell!.matchAll(/`(\w+)`/g)].map(([, name]) => name!));
  assert.deepEqual([...listed, "source"].toSorted(), names.toSorted());
});
