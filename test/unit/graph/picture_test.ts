import assert from "node:assert/strict";
import { type GraphNode, type GraphReader, NODE_TYPES } from "../../../src/graph/model.ts";
import { placeInColumns, spread } from "../../../src/graph/picture/columns.ts";
import { drawPicture } from "../../../src/graph/picture/draw.ts";
import { findNodes } from "../../../src/graph/questions/find_nodes.ts";
import { Neighbourhood } from "../../../src/graph/questions/neighbourhood.ts";
import { GraphRows, hexadecimal } from "./graph_rows.ts";
import { RUNS, sampleGraph } from "./sample_graph.ts";

interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The boxes of nodes, which have round corners. */
function boxesOf(svg: string): Rectangle[] {
  const found = svg.matchAll(/<rect x="([-\d.]+)" y="([-\d.]+)" width="([\d.]+)" height="(\d+)" rx="7"\/>/g);
  return [...found].map(([, x, y, width, height]) => ({
    x: Number(x),
    y: Number(y),
    width: Number(width),
    height: Number(height),
  }));
}

function draw(rows: GraphRows, text: string, depth: number, limit = 1000): string {
  const [reference] = findNodes(rows.database, text);
  const graph = new Neighbourhood(rows.database, reference!, { depth, limit });
  return drawPicture({ graph, start: graph.start, omitted: [] });
}

function overlaps(one: Rectangle, other: Rectangle): boolean {
  return one.x < other.x + other.width && other.x < one.x + one.width &&
    one.y < other.y + other.height && other.y < one.y + one.height;
}

/** No box lies over another one or outside. */
function checkBoxes(svg: string, count: number): void {
  const boxes = boxesOf(svg);
  assert.equal(boxes.length, count);
  const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg)!.map(Number);
  const [, left, top] = /translate\(([\d.]+) (\d+)\)/.exec(svg)!.map(Number);
  for (const [index, box] of boxes.entries()) {
    assert(box.x + left! >= 0 && box.x + left! + box.width <= width!, Deno.inspect(box));
    assert(box.y + top! >= 0 && box.y + top! + box.height <= height!, Deno.inspect(box));
    for (const other of boxes.slice(index + 1)) assert(!overlaps(box, other), Deno.inspect([box, other]));
  }
}

Deno.test("a neighbourhood is drawn: a box for each node, a line for each pair, the start in bold", () => {
  const svg = draw(sampleGraph(), "192.0.2.1", 2);
  checkBoxes(svg, 16);
  assert.equal(svg.match(/<path /g)?.length, 20);
  assert.match(svg, /<g class="IP start"><title>IP 192\.0\.2\.1\nip:192\.0\.2\.1\n/);
  assert.match(svg, /Certificate until 2026-03-10/);
  assert.match(svg, /@media \(prefers-color-scheme:dark\)/);
  assert.match(svg, /<text x="\d+" y="\d+">Certificate 3<\/text>/, "the legend counts");
});

Deno.test("hundreds of nodes get small boxes in two lanes, and none lies over another", () => {
  const rows = new GraphRows();
  rows.run(RUNS[0]);
  const names = Array.from({ length: 150 }, (_, index) => `name-${index}.example`);
  rows.certificate("leaf", { runs: [RUNS[0]], domains: names });
  for (let index = 0; index < 90; index += 1) {
    rows.address(`192.0.2.${index}`, { runs: [RUNS[0]] });
    rows.serves(`192.0.2.${index}`, ["leaf"], { runs: [RUNS[0]] });
  }
  const svg = draw(rows, `cert:${hexadecimal("leaf")}`, 1);
  checkBoxes(svg, 1 + 150 + 90 + 2);
  assert(Number(/height="(\d+)"/.exec(svg)![1]) < 3_000, "two lanes");
});

Deno.test("what strangers wrote stays text", () => {
  const rows = new GraphRows();
  rows.run(RUNS[0]);
  const hostile = 'CN=</text><script>alert("1")</script>&\u0000\u001b[31m\u202e\ufffe\ud800';
  rows.certificate("hostile", {
    subject: hostile,
    runs: [RUNS[0]],
    domains: [`${"x".repeat(5_000)}.example`],
  });
  const svg = draw(rows, `cert:${hexadecimal("hostile")}`, 1);
  const withoutTags = svg.replace(/<style>[^]*<\/style>/, "").replaceAll(
    /<\/?(?:svg|title|rect|text|g|path)\b[^<>]*>/g,
    "",
  );
  assert.doesNotMatch(withoutTags, /[<>]/);
  assert.doesNotMatch(withoutTags.replaceAll(/&(?:amp|lt|gt|quot);/g, ""), /&/);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(svg, /[\u0000-\u0009\u000b-\u001f\u202e\ufffe\uffff]|\\ud800/);
  assert(boxesOf(svg).every(({ width }) => width < 300), "a long name is cut");
});

Deno.test("what is left out has a box of its own", () => {
  const node: GraphNode = {
    id: "as:64500",
    type: "ASN",
    label: "AS64500",
    firstRun: RUNS[0],
    lastRun: RUNS[0],
    properties: { number: 64500, name: null },
  };
  const graph: GraphReader = { nodes: (type) => type === "ASN" ? [node] : [], edges: () => [] };
  const svg = drawPicture({
    graph,
    start: node,
    omitted: [{ of: node.id, type: "IP", text: "and 49,950 more" }],
  });
  checkBoxes(svg, 2);
  assert.match(svg, /<g class="IP more"><title>and 49,950 more<\/title>/);
  assert.match(svg, /<path class="more IP"/);
});

Deno.test("heights keep their distance, and stay where nothing is in the way", () => {
  assert.deepEqual(spread([0, 100, 250], 50), [0, 100, 250]);
  assert.deepEqual(spread([0, 0, 0], 50), [-50, 0, 50]);
  assert.deepEqual(spread([0, 10, 400], 50), [-20, 30, 400]);
  assert.deepEqual(spread([], 50), []);
});

Deno.test("lines between columns do not cross where they need not", () => {
  const nodes = NODE_TYPES.filter((type) => type === "IP" || type === "Certificate")
    .flatMap((type) => ["a", "b", "c"].map((name) => ({ id: `${type} ${name}`, type })));
  const connections = [["a", "c"], ["b", "b"], ["c", "a"]].map(([ip, certificate]) => ({
    source: `IP ${ip}`,
    target: `Certificate ${certificate}`,
  }));
  const places = placeInColumns(nodes, connections, 10);
  for (const { source, target } of connections) {
    assert.equal(places.get(source)?.y, places.get(target)?.y);
  }
});
