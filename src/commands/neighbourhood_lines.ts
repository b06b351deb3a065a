import {
  type EdgeType,
  type GraphEdge,
  type GraphNode,
  type NeighbourGroup,
  type Neighbourhood,
  type PropertyValue,
  shortFingerprint,
} from "../graph/mod.ts";
import { formatCount, printable } from "../text/mod.ts";
import { cutToScreen } from "./table.ts";

/** How a neighbour stands to a node, by the direction of the edge between them. */
const WORDS: Readonly<Record<EdgeType, { readonly outgoing: string; readonly incoming: string }>> = {
  SERVES: { outgoing: "serves", incoming: "served by" },
  ISSUED_BY: { outgoing: "issued by", incoming: "issued" },
  BELONGS_TO: { outgoing: "for", incoming: "named in" },
  OWNED_BY: { outgoing: "owned by", incoming: "owns" },
  USES_KEY: { outgoing: "uses key", incoming: "used by" },
  IN_ASN: { outgoing: "in", incoming: "holds" },
  SEEN_IN_RUN: { outgoing: "seen in", incoming: "saw" },
};

const WORD_COLUMNS = 2 +
  Math.max(...Object.values(WORDS).flatMap(({ outgoing, incoming }) => [outgoing.length, incoming.length]));

const PROPERTY_COLUMNS = 21;

/** Ports and names under which an address shows a certificate that are named. */
const WAYS_NAMED = 3;

/** A neighbourhood for people: what is known of the node, then a tree of what is around it. */
export function* neighbourhoodLines(neighbourhood: Neighbourhood): Iterable<string> {
  const { start } = neighbourhood;
  yield `${start.type} ${printable(start.label)}`;
  yield `  ${"id".padEnd(PROPERTY_COLUMNS)}${start.id}`;
  const properties = Object.entries({
    ...start.properties,
    first_run: start.firstRun,
    last_run: start.lastRun,
  });
  for (const [name, value] of properties) {
    const text = propertyText(value);
    // What the head says already.
    if (text === "" || text === start.label) continue;
    yield `  ${name.replaceAll("_", " ").padEnd(PROPERTY_COLUMNS)}${printable(text)}`;
  }
  const tree = treeOf(neighbourhood);
  const lines = [...groupLines(tree, start, "  ")];
  if (lines.length > 0) yield "";
  yield* lines.map(cutToScreen);
}

function propertyText(value: PropertyValue): string {
  if (value === null) return "";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return String(value);
  return typeof value === "string" ? value : value.join(", ");
}

interface Tree {
  readonly neighbourhood: Neighbourhood;
  /** Under which node each one hangs: what is around it is told there, once. */
  readonly parents: ReadonlyMap<string, string>;
  readonly ways: ReadonlyMap<string, readonly string[]>;
}

function treeOf(neighbourhood: Neighbourhood): Tree {
  const { start } = neighbourhood;
  const parents = new Map([[start.id, start.id]]);
  for (let ring = [start.id]; ring.length > 0;) {
    ring = ring.flatMap((parent) =>
      neighbourhood.groupsOf(parent).flatMap(({ neighbours }) => {
        const fresh = neighbours.filter(({ id }) => !parents.has(id)).map(({ id }) => id);
        for (const id of fresh) parents.set(id, parent);
        return fresh;
      })
    );
  }
  return { neighbourhood, parents, ways: waysOf(neighbourhood) };
}

/** The ports and names of each pair of address and certificate. */
function waysOf(neighbourhood: Neighbourhood): Map<string, string[]> {
  const ways = new Map<string, string[]>();
  for (const { source, target, properties } of neighbourhood.edges("SERVES")) {
    const key = `${source} ${target}`;
    ways.set(key, [...ways.get(key) ?? [], wayText(properties)]);
  }
  return ways;
}

function wayText({ port, server_name }: GraphEdge["properties"]): string {
  return server_name === null ? `port ${port}` : `port ${port} as ${server_name}`;
}

function* groupLines(tree: Tree, node: GraphNode, indent: string): Iterable<string> {
  const parent = tree.parents.get(node.id);
  for (const group of tree.neighbourhood.groupsOf(node.id)) {
    const words = WORDS[group.edge][group.isOutgoing ? "outgoing" : "incoming"];
    const others = group.neighbours.filter(({ id }) => id !== parent);
    let head = words.padEnd(WORD_COLUMNS);
    for (const neighbour of others) {
      yield `${indent}${head}${neighbourText(tree, node, group, neighbour)}`;
      head = " ".repeat(WORD_COLUMNS);
      if (tree.parents.get(neighbour.id) === node.id) {
        yield* groupLines(tree, neighbour, `${indent}${head}  `);
      }
    }
    if (group.omitted > 0) {
      yield `${indent}${head}${omittedText(group)}`;
    }
  }
}

/** `and 49,950 more`. */
export function omittedText({ omitted, isOmittedAtLeast }: NeighbourGroup): string {
  return `and ${isOmittedAtLeast ? "over " : ""}${formatCount(omitted)} more`;
}

function neighbourText({ ways }: Tree, node: GraphNode, group: NeighbourGroup, neighbour: GraphNode): string {
  const [source, target] = group.isOutgoing ? [node, neighbour] : [neighbour, node];
  const found = ways.get(`${source.id} ${target.id}`) ?? [];
  const parts = [...found.slice(0, WAYS_NAMED)];
  if (found.length > WAYS_NAMED) parts.push(`and ${formatCount(found.length - WAYS_NAMED)} more`);
  const way = printable(parts.join(", "));
  const label = printable(neighbour.label);
  // A subject can be long: what else there is to say stands before it.
  const texts = neighbour.type === "Certificate"
    ? [shortFingerprint(String(neighbour.properties.fingerprint)), way, label]
    : [label, way];
  return texts.filter((text) => text !== "").join("  ");
}
