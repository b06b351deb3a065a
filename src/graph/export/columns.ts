import {
  EDGE_PROPERTIES,
  EDGE_TYPE_NAMES,
  type EdgeType,
  NODE_PROPERTIES,
  NODE_TYPES,
  type NodeType,
  type PropertyKind,
} from "../model.ts";

/** A property with its kind. */
export interface Column {
  readonly name: string;
  readonly kind: PropertyKind;
}

/** What every node and edge has: names of runs. */
export const RUN_COLUMNS: readonly Column[] = [
  { name: "first_run", kind: "text" },
  { name: "last_run", kind: "text" },
];

/** The properties of a type of node, in their order. */
export function nodeColumns(type: NodeType): readonly Column[] {
  return columnsOf(NODE_PROPERTIES[type]);
}

/** The properties of a type of edge, in their order. */
export function edgeColumns(type: EdgeType): readonly Column[] {
  return columnsOf(EDGE_PROPERTIES[type]);
}

/** What some type of node has, for formats that keep all nodes in one table. */
export const ALL_NODE_COLUMNS = united(NODE_TYPES.map(nodeColumns));

/** What some type of edge has. */
export const ALL_EDGE_COLUMNS = united(EDGE_TYPE_NAMES.map(edgeColumns));

/** What columns are called. */
export function namesOf(columns: readonly Column[]): readonly string[] {
  return columns.map(({ name }) => name);
}

function columnsOf(properties: Readonly<Record<string, PropertyKind>>): readonly Column[] {
  return Object.entries(properties).map(([name, kind]) => ({ name, kind }));
}

/** Each name once: the model gives a name one meaning. */
function united(columns: readonly (readonly Column[])[]): readonly Column[] {
  return [...new Map(columns.flat().map((column) => [column.name, column])).values()];
}
