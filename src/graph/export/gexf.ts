import { EDGE_TYPE_NAMES, type GraphEdge, type GraphNode, NODE_TYPES, type PropertyKind } from "../model.ts";
import { ALL_EDGE_COLUMNS, ALL_NODE_COLUMNS, type Column } from "./columns.ts";
import type { WriteGraph } from "./format.ts";
import { gephiList } from "./gephi_list.ts";
import { NODE_COLOURS } from "./node_colours.ts";
import { carried, listTexts, scalarText } from "./text.ts";

/** What every node and edge has beside its own properties; a node's type is an edge's kind. */
const COMMON_COLUMNS: readonly Column[] = [
  { name: "type", kind: "text" },
  { name: "first_run", kind: "text" },
  { name: "last_run", kind: "text" },
];

/** GEXF has no type for points in time. */
const ATTRIBUTE_TYPES = {
  text: "string",
  integer: "long",
  boolean: "boolean",
  time: "string",
  texts: "liststring",
} as const satisfies Record<PropertyKind, string>;

/** XML for Gephi and other programs that draw and measure graphs. */
export const writeGexf: WriteGraph = async (graph, destination) => {
  const file = await destination.open("graph.gexf");
  await file.write(
    `<?xml version="1.0" encoding="UTF-8"?>
<gexf xmlns="http://gexf.net/1.3" xmlns:viz="http://gexf.net/1.3/viz" version="1.3">
<meta><creator>margay</creator></meta>
<graph defaultedgetype="directed" idtype="string" mode="static">
${declaration("node", ALL_NODE_COLUMNS)}${declaration("edge", ALL_EDGE_COLUMNS)}<nodes>
`,
  );
  for (const type of NODE_TYPES) {
    for (const node of graph.nodes(type)) await file.record(nodeElement(node));
  }
  await file.write("</nodes>\n<edges>\n");
  let number = 0;
  for (const type of EDGE_TYPE_NAMES) {
    for (const edge of graph.edges(type)) {
      await file.record(edgeElement(edge, number));
      number += 1;
    }
  }
  await file.write("</edges>\n</graph>\n</gexf>\n");
  await file.close();
};

function declaration(what: "node" | "edge", columns: readonly Column[]): string {
  const attributes = [...COMMON_COLUMNS, ...columns].map(({ name, kind }) =>
    `<attribute id="${name}" title="${name}" type="${ATTRIBUTE_TYPES[kind]}"/>\n`
  );
  return `<attributes class="${what}" mode="static">\n${attributes.join("")}</attributes>\n`;
}

function nodeElement(node: GraphNode): string {
  const [red, green, blue] = NODE_COLOURS[node.type].line;
  return `<node id="${escaped(node.id)}" label="${escaped(node.label)}">` +
    attributeValues(node, ALL_NODE_COLUMNS) +
    `<viz:color r="${red}" g="${green}" b="${blue}"/></node>\n`;
}

/** Edges of one kind are parallel for Gephi, which can be told to keep them apart when it opens the file. */
function edgeElement(edge: GraphEdge, number: number): string {
  const { source, target, type } = edge;
  return `<edge id="${number}" source="${escaped(source)}" target="${escaped(target)}" ` +
    `kind="${type}" label="${type}">${attributeValues(edge, ALL_EDGE_COLUMNS)}</edge>\n`;
}

/** What is absent has no value; a list is one value. */
function attributeValues(item: GraphNode | GraphEdge, columns: readonly Column[]): string {
  const common = { type: item.type, first_run: item.firstRun, last_run: item.lastRun };
  const values = [
    ...COMMON_COLUMNS.map(({ name }) => [name, carried(common[name as keyof typeof common])] as const),
    ...columns.map(({ name, kind }) => {
      const value = item.properties[name];
      return [name, kind === "texts" ? gephiList(listTexts(value)) : scalarText(value, kind)] as const;
    }),
  ];
  const elements = values.map(([name, value]) =>
    value === undefined ? "" : `<attvalue for="${name}" value="${escaped(value)}"/>`
  );
  return `<attvalues>${elements.join("")}</attvalues>`;
}

/** For the value of an attribute, whose line breaks and tabs an XML reader makes spaces of unless they are numbered. */
function escaped(text: string): string {
  return carried(text).replace(/[&<>"\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}
