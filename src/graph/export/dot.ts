import { printable } from "../../text/mod.ts";
import {
  EDGE_TYPE_NAMES,
  type EdgeType,
  type GraphEdge,
  type GraphNode,
  NODE_TYPES,
  type NodeType,
} from "../model.ts";
import { hexadecimalColour, NODE_COLOURS } from "../node_colours.ts";
import { type Column, edgeColumns, nodeColumns } from "./columns.ts";
import type { WriteGraph } from "./format.ts";
import { carried, listTexts, scalarText } from "./text.ts";

const SHAPES = {
  ScanRun: "cylinder",
  ASN: "folder",
  IP: "box",
  CA: "hexagon",
  Organization: "tab",
  PublicKey: "octagon",
  Domain: "ellipse",
  Certificate: "note",
} as const satisfies Record<NodeType, string>;

/** What an edge is called where it is drawn. Those into runs are many and say little: faint, and without a name. */
const EDGE_LABELS = {
  SERVES: "serves",
  ISSUED_BY: "issued by",
  BELONGS_TO: "belongs to",
  OWNED_BY: "owned by",
  USES_KEY: "uses key",
  IN_ASN: "in",
  SEEN_IN_RUN: "",
} as const satisfies Record<EdgeType, string>;

/** Characters of a label that are drawn: names can have 64 Ki. Under the mouse it is shown whole. */
const DRAWN_CHARACTERS_MAX = 44;

/** For Graphviz: `dot -Tsvg graph.dot -o graph.svg`. */
export const writeDot: WriteGraph = async (graph, destination) => {
  const file = await destination.open("graph.dot");
  await file.write(`digraph margay {
graph [rankdir=LR nodesep=0.18 ranksep=0.7 pad=0.3 bgcolor=white overlap=prism]
node [style=filled fontname="Helvetica,Arial,sans-serif" fontsize=10 fontcolor="#0f172a" margin="0.14,0.06"]
edge [color="#94a3b8" fontcolor="#64748b" fontname="Helvetica,Arial,sans-serif" fontsize=8 arrowsize=0.6]
`);
  for (const type of NODE_TYPES) {
    await file.write(nodeStyle(type));
    for (const node of graph.nodes(type)) await file.record(nodeStatement(node));
  }
  for (const type of EDGE_TYPE_NAMES) {
    for (const edge of graph.edges(type)) await file.record(edgeStatement(edge));
  }
  await file.write("}\n");
  await file.close();
};

/** Holds for the nodes that follow. */
function nodeStyle(type: NodeType): string {
  const { line, filling } = NODE_COLOURS[type];
  const style = type === "IP" ? '"filled,rounded"' : "filled";
  return `node [shape=${SHAPES[type]} style=${style} color="${hexadecimalColour(line)}" ` +
    `fillcolor="${hexadecimalColour(filling)}"]\n`;
}

function nodeStatement(node: GraphNode): string {
  return `${quoted(node.id)} [${
    attributes([
      ["label", shown(`${node.type}\n${shortened(node.label)}`)],
      ["tooltip", shown(`${node.type} ${carried(printable(node.label))}`)],
      ["type", node.type],
      ["full_label", carried(node.label)],
      ...properties(node, nodeColumns(node.type)),
    ])
  }]\n`;
}

function edgeStatement(edge: GraphEdge): string {
  const { port, server_name: serverName } = edge.properties;
  const details = [port, serverName].filter((detail) => detail !== null && detail !== undefined);
  const label = [EDGE_LABELS[edge.type], ...details.map((detail) => shortened(String(detail)))].join(" ");
  // Edges into runs would pull everything together.
  const style = edge.type === "SEEN_IN_RUN"
    ? 'color="#94a3b8" style=dotted arrowhead=none constraint=false '
    : "";
  return `${quoted(edge.source)} -> ${quoted(edge.target)} [${style}${
    attributes([["label", shown(label)], ["type", edge.type], ...properties(edge, edgeColumns(edge.type))])
  }]\n`;
}

type Attribute = readonly [name: string, value: string | undefined];

/** What is no picture's business stands there too, for gvpr and whoever reads the graph; lists as JSON. */
function properties(item: GraphNode | GraphEdge, columns: readonly Column[]): readonly Attribute[] {
  return [
    ["first_run", carried(item.firstRun)],
    ["last_run", carried(item.lastRun)],
    ...columns.map(({ name, kind }): Attribute => {
      const value = item.properties[name];
      if (kind !== "texts") return [name, scalarText(value, kind)];
      const texts = listTexts(value);
      return [name, texts && JSON.stringify(texts)];
    }),
  ];
}

function attributes(attributes: readonly Attribute[]): string {
  return attributes
    .flatMap(([name, value]) => value === undefined ? [] : [`${name}=${quoted(value)}`])
    .join(" ");
}

function shortened(text: string): string {
  const characters = [...text.slice(0, 2 * DRAWN_CHARACTERS_MAX + 2)];
  if (characters.length <= DRAWN_CHARACTERS_MAX) return carried(printable(text));
  return `${carried(printable(characters.slice(0, DRAWN_CHARACTERS_MAX - 1).join("")))}\u{2026}`;
}

/** Graphviz makes characters of entities where it draws text. */
function shown(text: string): string {
  return text.replaceAll("&", "&amp;");
}

/** Graphviz reads up to 16 KiB between two quotes. A character takes three octets at most, an escaped one two. */
const PIECE_CHARACTERS = 5000;

/**
 * A string of the DOT language, with backslashes doubled: for Graphviz a backslash alone means something where text is
 * drawn, and takes the quote behind it away. Where nothing is drawn both stay, and whoever reads them halves them.
 */
function quoted(text: string): string {
  return pieces(text).map((piece) => `"${piece.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`).join("+");
}

function pieces(text: string): readonly string[] {
  if (text.length <= PIECE_CHARACTERS) return [text];
  // No character that takes two places is torn apart.
  return text.match(
    new RegExp(`[^]{1,${PIECE_CHARACTERS - 1}}(?:(?<=[\\uD800-\\uDBFF])[\\uDC00-\\uDFFF])?`, "g"),
  )!;
}
