/** Programs that people read exports with, where they are installed. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { EXPORT_FORMATS, exportGraph } from "../../../../src/graph/export/mod.ts";
import type { GraphEdge, GraphNode } from "../../../../src/graph/model.ts";
import { hasTool, runTool } from "../../../lab/tools.ts";
import { type Graph, HOSTILE, readerOf, SMALL } from "./graphs.ts";
import { graphOfDot, graphOfGexf, READ_BACK } from "./read_back.ts";

/** Versions of NetworkX before 3 know GEXF up to 1.2 alone. */
const READS_GEXF = "import networkx.readwrite.gexf as g; assert 'http://gexf.net/1.3' in str(vars(g.GEXF))";

function hasNetworkx(): boolean {
  if (!hasTool("python3")) return false;
  return new Deno.Command("python3", { args: ["-c", READS_GEXF], stderr: "null" }).outputSync()
    .success;
}

/** A test of an export by a program, or a word on which program is missing. */
function real(
  name: string,
  reader: { readonly isThere: boolean; readonly package: string },
  test: (folder: string) => Promise<void>,
): void {
  if (!reader.isThere) {
    Deno.test({ name: `export: ${name} (${reader.package} is not installed)`, ignore: true, fn: () => {} });
    return;
  }
  Deno.test(`export: ${name}`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      await test(folder);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

async function exported(graph: Graph, format: string, folder: string): Promise<string> {
  const found = EXPORT_FORMATS.find(({ name }) => name === format)!;
  const { files: [file] } = await exportGraph(readerOf(graph), found, join(folder, format));
  return join(folder, format, file!.name);
}

const graphviz = { isThere: hasTool("dot") && hasTool("gvpr"), package: "graphviz" };
const networkx = { isThere: hasNetworkx(), package: "python3-networkx" };
const shellcheck = { isThere: hasTool("shellcheck"), package: "shellcheck" };

/** For gvpr: nodes and edges with all their attributes, between control characters that exports do not have. */
const EVERYTHING = String.raw`
N {
  string ofNode;
  printf("node\037%s", $.name);
  for (ofNode = fstAttr($G, "N"); ofNode != ""; ofNode = nxtAttr($G, "N", ofNode)) {
    printf("\037%s\037%s", ofNode, aget($, ofNode));
  }
  printf("\036");
}
E {
  string ofEdge;
  printf("edge\037%s\037%s", $.tail.name, $.head.name);
  for (ofEdge = fstAttr($G, "E"); ofEdge != ""; ofEdge = nxtAttr($G, "E", ofEdge)) {
    printf("\037%s\037%s", ofEdge, aget($, ofEdge));
  }
  printf("\036");
}`;

real("Graphviz reads what was written", graphviz, async (folder) => {
  const text = await runTool(["gvpr", EVERYTHING, await exported(HOSTILE, "dot", folder)]);
  const items = text.split("\x1e").slice(0, -1).map((item) => item.split("\x1f"));
  const of = (what: string) => items.filter(([first]) => first === what).map(([, ...rest]) => rest);
  const read = graphOfDot({
    nodes: of("node").map(([name, ...rest]) => ({ name: name!, attributes: attributesOf(rest) })),
    edges: of("edge").map(([source, target, ...rest]) => ({
      source: source!,
      target: target!,
      attributes: attributesOf(rest),
    })),
  });
  const { nodes, edges } = READ_BACK.dot!.kept(HOSTILE);
  assert.deepEqual(read.nodes, nodes.map(withoutEmptyTexts));
  // Graphviz keeps edges with the nodes that they come from.
  const sorted = (edges: Graph["edges"]) =>
    edges.map((edge) => JSON.stringify(withoutEmptyTexts(edge))).sort();
  assert.deepEqual(sorted(read.edges), sorted(edges));
});

/** Every node has every attribute that one has: what is empty was not given, but for the label. */
function attributesOf(parts: readonly string[]): Readonly<Record<string, string>> {
  const attributes: Record<string, string> = {};
  for (let index = 0; index < parts.length; index += 2) {
    if (parts[index + 1] !== "") attributes[parts[index]!] = parts[index + 1]!;
  }
  return { full_label: "", ...attributes };
}

function withoutEmptyTexts<Item extends GraphNode | GraphEdge>(item: Item): Item {
  const entries = Object.entries(item.properties).map(([name, value]) => [name, value === "" ? null : value]);
  return { ...item, properties: Object.fromEntries(entries) };
}

real("Graphviz draws what was written", graphviz, async (folder) => {
  for (const graph of [SMALL, HOSTILE]) {
    const svg = await runTool(["dot", "-Tsvg", await exported(graph, "dot", folder)]);
    await Deno.remove(join(folder, "dot"), { recursive: true });
    assert.equal(svg.match(/<g id="node\d+" class="node">/g)?.length, graph.nodes.length);
    assert.equal(svg.match(/<g id="edge\d+" class="edge">/g)?.length, graph.edges.length);
    assert.doesNotMatch(svg, /<script|[\u{202A}-\u{202E}\u{2066}-\u{2069}]/u);
  }
});

real("NetworkX reads what was written", networkx, async (folder) => {
  const script = `
import json, sys, networkx
graph = networkx.read_gexf(sys.argv[1])
assert graph.is_directed() and graph.is_multigraph()
nodes = [{"id": id, **data} for id, data in graph.nodes(data=True)]
edges = [{**data, "source": source, "target": target} for source, target, data in graph.edges(data=True)]
json.dump({"nodes": nodes, "edges": sorted(edges, key=lambda edge: int(edge["id"]))}, sys.stdout)`;
  const text = await runTool(["python3", "-c", script, await exported(HOSTILE, "gexf", folder)]);
  const read = graphOfGexf(JSON.parse(text));
  const { nodes, edges } = READ_BACK.gexf!.kept(HOSTILE);
  assert.deepEqual(read.nodes, nodes);
  assert.deepEqual(read.edges, edges);
});

const SCRIPTED = ["neo4j", "arangodb", "tigergraph"];

Deno.test("export: import scripts call the programs that they are for, with files that are there", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const programs = join(folder, "bin");
    await Deno.mkdir(programs);
    for (const name of ["neo4j-admin", "arangoimport", "arangosh", "gsql"]) {
      const program = join(programs, name);
      await Deno.writeTextFile(program, `#!/bin/sh\nprintf '%s\\n' "$0" "$@" "" >>"$CALLS"\n`, {
        mode: 0o755,
      });
    }
    for (const format of SCRIPTED) {
      await exported(HOSTILE, format, folder);
      const calls = join(folder, `${format}.calls`);
      const { success, stderr } = await new Deno.Command(join(folder, format, "import.sh"), {
        args: ["--given", "two words"],
        env: { PATH: `${programs}:${Deno.env.get("PATH")}`, CALLS: calls },
      }).output();
      assert.ok(success, new TextDecoder().decode(stderr));
      const lines = (await Deno.readTextFile(calls)).split("\n");
      assert.ok(lines.includes("two words"));
      const named = lines.join(",").match(/[\w-]+\.(?:csv|jsonl|tsv|gsql|js)\b/g)!;
      assert.ok(named.length > 9);
      for (const name of named) assert.ok((await Deno.stat(join(folder, format, name))).size > 0, name);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

real("shellcheck finds nothing in import scripts", shellcheck, async (folder) => {
  for (const format of SCRIPTED) {
    await exported(SMALL, format, folder);
    await runTool(["shellcheck", join(folder, format, "import.sh")]);
  }
});
