/** `margay graph export` from its arguments to its exit code. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { EXPORT_FORMATS } from "../../../src/graph/export/mod.ts";
import { SqliteGraphReader } from "../../../src/graph/mod.ts";
import { EDGE_TYPE_NAMES, NODE_TYPES } from "../../../src/graph/model.ts";
import { sampleGraph } from "../graph/sample_graph.ts";

/** How many nodes and edges the graph has. */
const { nodes, edges } = (() => {
  const reader = new SqliteGraphReader(sampleGraph().database);
  return {
    nodes: NODE_TYPES.reduce((sum, type) => sum + [...reader.nodes(type)].length, 0),
    edges: EDGE_TYPE_NAMES.reduce(
      (sum, type) => sum + [...reader.edges(type)].length,
      0,
    ),
  };
})();

const main = new URL("../../../src/main.ts", import.meta.url).pathname;

/** Calls `use` with a folder that holds a graph, and what runs the command in it. */
async function withGraph(
  use: (given: {
    folder: string;
    run: (...args: string[]) => Promise<{ code: number; stdout: string; stderr: string }>;
  }) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const decoder = new TextDecoder();
  try {
    sampleGraph(join(folder, "graph.sqlite")).database.close();
    await use({
      folder,
      run: async (...args) => {
        const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
          args: ["run", "-A", "--no-check", "--quiet", main, "graph", "export", ...args],
          cwd: folder,
        }).output();
        return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
      },
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("graph export: into a folder, with a sentence on what it is; nothing is overwritten", async () => {
  await withGraph(async ({ folder, run }) => {
    assert.deepEqual(await run("--format", "neo4j", "-o", "out"), {
      code: 0,
      stdout: "",
      stderr:
        `margay: ${nodes} nodes and ${edges} edges exported as neo4j to out; out/import.sh imports them\n`,
    });
    const again = await run(".", "--format", "neo4j", "-o", "out");
    assert.equal(again.code, 1);
    assert.match(
      again.stderr,
      /^margay: Cannot export to out: the folder is not empty \(it holds .+\); name /,
    );
    assert.deepEqual(await run("graph.sqlite", "--format", "json", "-o", "other", "-q"), {
      code: 0,
      stdout: "",
      stderr: "",
    });
    assert.equal(JSON.parse(await Deno.readTextFile(join(folder, "other", "nodes.json"))).length, nodes);
  });
});

Deno.test("graph export: to standard output, as long as it is read", async () => {
  await withGraph(async ({ folder, run }) => {
    const { code, stdout, stderr } = await run("--format", "ndjson");
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    assert.equal(stdout.trimEnd().split("\n").map((line) => JSON.parse(line)).length, nodes + edges);
    const command = `"$1" run -A --no-check --quiet "$2" graph export --format dot; echo $? >code`;
    const shell = new Deno.Command("sh", {
      args: ["-c", `{ ${command}; } | true`, "sh", Deno.execPath(), main],
      cwd: folder,
    });
    assert.equal(new TextDecoder().decode((await shell.output()).stderr), "");
    assert.equal(await Deno.readTextFile(join(folder, "code")), "0\n");
  });
});

Deno.test("graph export: what it cannot do", async () => {
  await withGraph(async ({ run }) => {
    const names = EXPORT_FORMATS.map(({ name }) => name);
    const formats = `the formats are ${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
    for (
      const [args, code, message] of [
        ["--format foo", 2, `Cannot export as foo: ${formats}`],
        ["-o out", 2, `Cannot export without --format: ${formats}`],
        [
          "--format gephi-csv",
          2,
          "Cannot export as gephi-csv to standard output: it is several files (nodes.csv, edges.csv); " +
          "name a folder with -o",
        ],
      ] as const
    ) {
      const result = await run(...args.split(" "));
      assert.deepEqual(result, { code, stdout: "", stderr: `margay: ${message}\n` });
    }
  });
});
