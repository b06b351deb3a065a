import assert from "node:assert/strict";
import { join } from "node:path";
import {
  EXPORT_FORMATS,
  type ExportFormat,
  exportGraph,
  streamGraph,
} from "../../../../src/graph/export/mod.ts";
import { SqliteGraphReader } from "../../../../src/graph/mod.ts";
import { EDGE_TYPE_NAMES, type EdgeType, NODE_TYPES } from "../../../../src/graph/model.ts";
import { sampleGraph } from "../sample_graph.ts";
import { EMPTY, type Graph, HOSTILE, readerOf, SMALL } from "./graphs.ts";
import { READ_BACK } from "./read_back.ts";

async function withFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await Deno.makeTempDir();
  try {
    return await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

/** What the store's own reader makes of a graph file. */
function storedGraph(): Graph {
  const reader = new SqliteGraphReader(sampleGraph().database);
  return {
    nodes: NODE_TYPES.flatMap((type) => [...reader.nodes(type)]),
    edges: EDGE_TYPE_NAMES.flatMap((type) => [...reader.edges(type)]),
  };
}

const GRAPHS: Readonly<Record<string, Graph>> = {
  "an empty graph": EMPTY,
  "a small graph": SMALL,
  "a hostile graph": HOSTILE,
  "a stored graph": storedGraph(),
};

Deno.test("export: every format is judged", () => {
  assert.deepEqual(EXPORT_FORMATS.map(({ name }) => name).sort(), Object.keys(READ_BACK).sort());
});

for (const format of EXPORT_FORMATS) {
  const { read, kept } = READ_BACK[format.name]!;
  for (const [name, graph] of Object.entries(GRAPHS)) {
    Deno.test(`export: ${name} as ${format.name} is read back`, async () => {
      await withFolder(async (folder) => {
        const summary = await exportGraph(readerOf(graph), format, folder);
        assert.deepEqual(namesIn(folder), promisedFiles(format));
        assert.deepEqual(summary.files.map(({ name }) => name).sort(), namesIn(folder));
        assert.deepEqual([summary.nodes, summary.edges], [graph.nodes.length, graph.edges.length]);
        const records = summary.files.reduce((sum, { records }) => sum + records, 0);
        assert.equal(records, graph.nodes.length + graph.edges.length);
        const { nodes, edges } = await read(folder);
        const expected = kept(graph);
        assert.deepEqual(nodes, expected.nodes);
        assert.deepEqual(edges, expected.edges);
      });
    });
  }

  Deno.test(`export: as ${format.name}, what fails leaves nothing behind`, async () => {
    await withFolder(async (folder) => {
      const failing = {
        ...readerOf(SMALL),
        edges: () => {
          throw new Error("Cannot read the graph: made up");
        },
      };
      await assert.rejects(exportGraph(failing, format, folder), /^Error: Cannot read the graph: made up$/);
      assert.deepEqual(namesIn(folder), []);
      await assert.rejects(exportGraph(failing, format, join(folder, "new", "deep")));
      assert.deepEqual(namesIn(join(folder, "new")), []);
    });
  });

  Deno.test(`export: as ${format.name}, nothing has its name before everything is there`, async () => {
    await withFolder(async (folder) => {
      const seen: string[] = [];
      const watched = readerOf(SMALL);
      const watching = {
        nodes: watched.nodes,
        edges: (type: EdgeType) => {
          seen.push(...namesIn(folder));
          return watched.edges(type);
        },
      };
      await exportGraph(watching, format, folder);
      assert.ok(seen.length > 0 && seen.every((name) => name.endsWith(".part")), seen.join());
    });
  });
}

/** By the sentence that people read. */
function promisedFiles({ files }: ExportFormat): string[] {
  const types = [...NODE_TYPES, ...EDGE_TYPE_NAMES];
  return files
    .replace(/ for each type of node and edge/, "")
    .split(/, | and /)
    .flatMap((file) => file.includes("TYPE") ? types.map((type) => file.replace("TYPE", type)) : [file])
    .sort();
}

const [json, ndjson] = EXPORT_FORMATS as [ExportFormat, ExportFormat];

Deno.test("export: a folder that holds something is left as it is", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "nodes.json"), "precious");
    await assert.rejects(
      exportGraph(readerOf(SMALL), json, folder),
      new RegExp(
        `Cannot export to ${folder}: the folder is not empty \\(it holds nodes.json\\); name another one`,
      ),
    );
    assert.deepEqual(namesIn(folder), ["nodes.json"]);
    await assert.rejects(exportGraph(readerOf(SMALL), json, join(folder, "nodes.json")), /Cannot export to /);
    assert.equal(await Deno.readTextFile(join(folder, "nodes.json")), "precious");
  });
});

Deno.test("export: an abort ends it with its reason, and leaves nothing", async () => {
  await withFolder(async (folder) => {
    const reason = new Error("made up");
    await assert.rejects(
      exportGraph(readerOf(SMALL), json, folder, { signal: AbortSignal.abort(reason) }),
      reason,
    );
    assert.deepEqual(namesIn(folder), []);
  });
});

Deno.test("export: single files can be streamed, and say the same", async () => {
  await withFolder(async (folder) => {
    for (const format of EXPORT_FORMATS.filter(({ isSingle }) => isSingle)) {
      const chunks: Uint8Array[] = [];
      // A pipe takes what it has room for.
      const write = (octets: Uint8Array) => {
        const taken = octets.slice(0, Math.min(octets.length, 1000));
        chunks.push(taken);
        return Promise.resolve(taken.length);
      };
      await streamGraph(readerOf(HOSTILE), format, { write });
      const path = join(folder, format.name);
      const { files: [file] } = await exportGraph(readerOf(HOSTILE), format, path);
      assert.deepEqual(
        new Uint8Array(await new Blob(chunks as Uint8Array<ArrayBuffer>[]).arrayBuffer()),
        await Deno.readFile(join(path, file!.name)),
      );
    }
  });
});

Deno.test("export: an error of the stream says where it was", async () => {
  const write = () => Promise.reject(new Error("no space left on device"));
  await assert.rejects(
    streamGraph(readerOf(SMALL), ndjson, { write }),
    /^Error: Cannot write to standard output: no space left on device$/,
  );
});
