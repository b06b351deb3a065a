import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { EXPORT_FORMATS, streamGraph } from "../../../../src/graph/export/mod.ts";
import type { GraphNode } from "../../../../src/graph/model.ts";
import { readerOf, SMALL } from "./graphs.ts";

/** In MiB: a fifth of what the child's graph takes when it is held. */
const HEAP_MAX = 24;

Deno.test("export: a graph larger than the memory passes through every format", async () => {
  const child = new URL("./large_graph_child.ts", import.meta.url).pathname;
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--no-check", `--v8-flags=--max-old-space-size=${HEAP_MAX}`, child],
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  const lines = new TextDecoder().decode(stdout).trim().split("\n");
  assert.deepEqual(lines.map((line) => line.split(" ")[0]), EXPORT_FORMATS.map(({ name }) => name));
});

Deno.test("export: while the disk is busy nothing is read", async () => {
  const domain = SMALL.nodes.find(({ type }) => type === "Domain")!;
  for (const format of EXPORT_FORMATS) {
    let read = 0;
    const endless = {
      ...readerOf(SMALL),
      *nodes(): Iterable<GraphNode> {
        for (;; read += 1) yield domain;
      },
    };
    const busy = Promise.withResolvers<number>();
    let writes = 0;
    const write = () => {
      writes += 1;
      return busy.promise;
    };
    const exporting = streamGraph(endless, format, { write });
    while (writes === 0) await setImmediate();
    const readBefore = read;
    for (let turn = 0; turn < 10; turn += 1) await setImmediate();
    assert.deepEqual({ writes, read }, { writes: 1, read: readBefore }, format.name);
    busy.reject(new Error("made up"));
    await assert.rejects(exporting, /made up/);
  }
});
