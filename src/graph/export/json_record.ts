import type { GraphEdge, GraphNode, PropertyValue } from "../model.ts";
import { type Column, edgeColumns, nodeColumns } from "./columns.ts";

type JsonRecord = Readonly<Record<string, PropertyValue>>;

/** A node as JSON has it: one flat object. */
export function nodeRecord(node: GraphNode): JsonRecord {
  return {
    id: node.id,
    type: node.type,
    label: node.label.toWellFormed(),
    first_run: node.firstRun.toWellFormed(),
    last_run: node.lastRun.toWellFormed(),
    ...properties(node, nodeColumns(node.type)),
  };
}

/** An edge as JSON has it. */
export function edgeRecord(edge: GraphEdge): JsonRecord {
  return {
    source: edge.source,
    target: edge.target,
    type: edge.type,
    first_run: edge.firstRun.toWellFormed(),
    last_run: edge.lastRun.toWellFormed(),
    ...properties(edge, edgeColumns(edge.type)),
  };
}

function properties({ properties }: GraphNode | GraphEdge, columns: readonly Column[]): JsonRecord {
  return Object.fromEntries(columns.map(({ name }) => [name, wellFormed(properties[name] ?? null)]));
}

/** Half a character becomes U+FFFD: JSON could carry it, but many readers refuse a file that does. */
function wellFormed(value: PropertyValue): PropertyValue {
  if (typeof value === "string") return value.toWellFormed();
  return Array.isArray(value) ? value.map((text) => String(text).toWellFormed()) : value;
}
