import {
  EDGE_TYPE_NAMES,
  type GraphEdge,
  type GraphNode,
  NODE_TYPES,
  type PropertyKind,
  type PropertyValue,
} from "../model.ts";
import { NODE_COLOURS } from "../node_colours.ts";
import { ALL_EDGE_COLUMNS, ALL_NODE_COLUMNS, type Column, RUN_COLUMNS } from "./columns.ts";
import type { WriteGraph } from "./format.ts";
import { gephiList } from "./gephi_list.ts";
import { carried, listTexts, scalarText } from "./text.ts";

const NODE_COLUMNS: readonly Column[] = [{ name: "type", kind: "text" }, ...RUN_COLUMNS, ...ALL_NODE_COLUMNS];

/** An edge's type is its kind. */
const EDGE_COLUMNS: readonly Column[] = [...RUN_COLUMNS, ...ALL_EDGE_COLUMNS];

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
${declaration("node", NODE_COLUMNS)}${declaration("edge", EDGE_COLUMNS)}<nodes>
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
  const attributes = columns.map(({ name, kind }) =>
    `<attribute id="${name}" title="${name}" type="${ATTRIBUTE_TYPES[kind]}"/>\n`
  );
  return `<attributes class="${what}" mode="static">\n${attributes.join("")}</attributes>\n`;
}

function nodeElement({ id, type, label, firstRun, lastRun, properties }: GraphNode): string {
  const [red, green, blue] = NODE_COLOURS[type].line;
  const values = { type, first_run: firstRun, last_run: lastRun, ...properties };
  return `<node id="${escaped(id)}" label="${escaped(label)}">${attributeValues(values, NODE_COLUMNS)}` +
    `<viz:color r="${red}" g="${green}" b="${blue}"/></node>\n`;
}

/** Edges of one kind are parallel for Gephi, which can be told to keep them apart when it opens the file. */
function edgeElement(
  { source, target, type, firstRun, lastRun, properties }: GraphEdge,
  number: number,
): string {
  const values = { first_run: firstRun, last_run: lastRun, ...properties };
  return `<edge id="${number}" source="${escaped(source)}" target="${escaped(target)}" ` +
    `kind="${type}" label="${type}">${attributeValues(values, EDGE_COLUMNS)}</edge>\n`;
}

/** What is absent has no value; a list is one value. */
function attributeValues(
  values: Readonly<Record<string, PropertyValue>>,
  columns: readonly Column[],
): string {
  const elements = columns.map(({ name, kind }) => {
    const value = values[name];
    const text = kind === "texts" ? gephiList(listTexts(value)) : scalarText(value, kind);
    return text === undefined ? "" : `<attvalue for="${name}" value="${escaped(text)}"/>`;
  });
  return `<attvalues>${elements.join("")}</attvalues>`;
}

/** For the value of an attribute, whose line breaks and tabs an XML reader makes spaces of unless they are numbered. */
function escaped(text: string): string {
  return carried(text).replace(/[&<>"\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}
