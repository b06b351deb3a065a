import { EDGE_TYPE_NAMES, type GraphEdge, type GraphNode, NODE_TYPES } from "../model.ts";
import { ALL_EDGE_COLUMNS, ALL_NODE_COLUMNS, type Column, namesOf } from "./columns.ts";
import { csvLine } from "./csv.ts";
import type { WriteGraph } from "./format.ts";
import { gephiList } from "./gephi_list.ts";
import { carried, listTexts, scalarText } from "./text.ts";

/** Spreadsheets for Gephi ("Import spreadsheet"). */
export const writeGephiCsv: WriteGraph = async (graph, destination) => {
  const nodes = await destination.open("nodes.csv");
  await nodes.write(csvLine(["Id", "Label", "type", "first_run", "last_run", ...namesOf(ALL_NODE_COLUMNS)]));
  for (const type of NODE_TYPES) {
    for (const node of graph.nodes(type)) {
      const { id, label, firstRun, lastRun } = node;
      const cells = [id, label, type, firstRun, lastRun].map(textCell);
      await nodes.record(csvLine([...cells, ...propertyCells(node, ALL_NODE_COLUMNS)]));
    }
  }
  await nodes.close();
  const edges = await destination.open("edges.csv");
  // "Type" is Gephi's word for the direction; "Kind" keeps parallel edges of different types apart.
  const header = ["Source", "Target", "Type", "Kind", "Label", "first_run", "last_run"];
  await edges.write(csvLine([...header, ...namesOf(ALL_EDGE_COLUMNS)]));
  for (const type of EDGE_TYPE_NAMES) {
    for (const edge of graph.edges(type)) {
      const { source, target, firstRun, lastRun } = edge;
      const cells = [source, target, "Directed", type, type, firstRun, lastRun].map(textCell);
      await edges.record(csvLine([...cells, ...propertyCells(edge, ALL_EDGE_COLUMNS)]));
    }
  }
  await edges.close();
};

function propertyCells({ properties }: GraphNode | GraphEdge, columns: readonly Column[]) {
  return columns.map(({ name, kind }) => {
    const value = properties[name];
    if (kind === "texts") return gephiList(listTexts(value));
    const text = scalarText(value, kind);
    return text !== undefined && (kind === "text" || kind === "time") ? textCell(text) : text;
  });
}

/** What a spreadsheet takes for a formula, full-width characters included, with or without apostrophes in front. */
const FORMULA = /^'*[=+\-@\t\r\u{FF1D}\u{FF0B}\u{FF0D}\u{FF20}]/u;

/**
 * Strangers choose labels, and these files are opened in spreadsheets too: what looks like a formula gets an apostrophe
 * in front, which makes it text there. A text that begins with apostrophes and such a character gets one more, so that
 * taking one away gives what was there.
 */
function textCell(text: string): string {
  return carried(FORMULA.test(text) ? `'${text}` : text);
}
