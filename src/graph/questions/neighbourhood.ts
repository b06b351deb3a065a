import type { DatabaseSync } from "node:sqlite";
import { type EdgeType, type GraphEdge, type GraphNode, type GraphReader, type NodeType } from "../model.ts";
import { NodeLookup } from "./node_lookup.ts";
import { type NodeKey, type NodeReference, type Relation, RELATIONS } from "./relations.ts";

/** How far a neighbourhood goes. */
export interface NeighbourhoodBounds {
  /** Steps away from the node. */
  readonly depth: number;
  /** Neighbours of one kind that are taken up; the others are counted. */
  readonly limit: number;
}

/** Neighbours of one kind that a node has. */
export interface NeighbourGroup {
  readonly edge: EdgeType;
  /** The edges lead to the neighbours. */
  readonly isOutgoing: boolean;
  readonly neighbourType: NodeType;
  readonly neighbours: readonly GraphNode[];
  /** How many more there are. */
  readonly omitted: number;
  /** There are even more. */
  readonly isOmittedAtLeast: boolean;
}

/** Neighbours of one kind are counted up to this many. */
const COUNTED_MAX = 200_000;

/** Nodes that are taken up in all. */
const NODES_MAX = 1_000;

/** Edges between one address and one certificate that are taken up: one for each port and name. */
const PARALLEL_EDGES_MAX = 20;

const SERVES = `
  SELECT serves.port, server_name.name AS server_name, min(run.name) AS firstRun, max(run.name) AS lastRun
  FROM serves LEFT JOIN server_name ON server_name.id = serves.server_name JOIN run ON run.id = serves.run
  WHERE serves.ip = ? AND serves.certificate = ?
  GROUP BY serves.port, serves.server_name ORDER BY serves.port, server_name.name LIMIT ${PARALLEL_EDGES_MAX}`;

/** What is around a node, breadth first, as a small graph of its own. */
export class Neighbourhood implements GraphReader {
  readonly start: GraphNode;
  readonly #database: DatabaseSync;
  readonly #lookup: NodeLookup;
  readonly #nodes = new Map<string, GraphNode>();
  readonly #edges = new Map<string, GraphEdge>();
  readonly #groups = new Map<string, readonly NeighbourGroup[]>();

  constructor(database: DatabaseSync, start: NodeReference, { depth, limit }: NeighbourhoodBounds) {
    this.#database = database;
    this.#lookup = new NodeLookup(database);
    this.start = this.#lookup.node(start);
    this.#nodes.set(this.start.id, this.start);
    let ring: readonly Found[] = [{ reference: start, node: this.start }];
    for (let step = 0; step < depth; step += 1) ring = ring.flatMap((found) => this.#expand(found, limit));
  }

  /** All of them, by type. */
  *nodes(type: NodeType): Iterable<GraphNode> {
    for (const node of this.#nodes.values()) if (node.type === type) yield node;
  }

  /** Those between nodes of the neighbourhood that were walked over. */
  *edges(type: EdgeType): Iterable<GraphEdge> {
    for (const edge of this.#edges.values()) if (edge.type === type) yield edge;
  }

  /** The neighbours of a node, by kind; none of a node at the rim. */
  groupsOf(id: string): readonly NeighbourGroup[] {
    return this.#groups.get(id) ?? [];
  }

  /** The groups of which some were left out, with the node whose neighbours they are. */
  *omissions(): Iterable<{ readonly of: string; readonly group: NeighbourGroup }> {
    for (const [of, groups] of this.#groups) {
      for (const group of groups) if (group.omitted > 0) yield { of, group };
    }
  }

  /** Takes up the neighbours of a node. Returns those that were not known yet. */
  #expand({ reference, node }: Found, limit: number): Found[] {
    const fresh: Found[] = [];
    const groups = RELATIONS[reference.type].flatMap((relation) => {
      const keys = this.#keys(relation.keys, reference.key, limit);
      if (keys.length === 0) return [];
      const neighbours: GraphNode[] = [];
      for (const key of keys) {
        const neighbour = { type: relation.to, key };
        const found = this.#lookup.node(neighbour);
        if (!this.#nodes.has(found.id)) {
          if (this.#nodes.size === NODES_MAX) continue;
          this.#nodes.set(found.id, found);
          fresh.push({ reference: neighbour, node: found });
        }
        neighbours.push(this.#nodes.get(found.id)!);
        this.#connect(relation, { reference, node }, { reference: neighbour, node: found });
      }
      const count = keys.length < limit ? keys.length : this.#count(relation.keys, reference.key);
      const omitted = count - neighbours.length;
      const { edge, isOutgoing, to: neighbourType } = relation;
      return [{
        edge,
        isOutgoing,
        neighbourType,
        neighbours,
        omitted,
        isOmittedAtLeast: count === COUNTED_MAX,
      }];
    });
    this.#groups.set(node.id, groups);
    return fresh;
  }

  #connect({ edge: type, isOutgoing }: Relation, one: Found, other: Found): void {
    const [source, target] = isOutgoing ? [one, other] : [other, one];
    const common = { type, source: source.node.id, target: target.node.id };
    if (type === "SERVES") {
      const rows = this.#database.prepare(SERVES).all(source.reference.key[0], target.reference.key[0]);
      for (const { port, server_name, firstRun, lastRun } of rows as unknown as Served[]) {
        this.#addEdge({ ...common, firstRun, lastRun, properties: { port, server_name } });
      }
      return;
    }
    // Seen in a run is seen in that run; all else is true of a certificate, or an address, for as long as it is seen.
    const { firstRun, lastRun } = type === "SEEN_IN_RUN" ? target.node : source.node;
    this.#addEdge({ ...common, firstRun, lastRun, properties: {} });
  }

  #addEdge(edge: GraphEdge): void {
    const { type, source, target, properties } = edge;
    this.#edges.set(JSON.stringify([type, source, target, properties]), edge);
  }

  #keys(query: string, key: NodeKey, limit: number): NodeKey[] {
    const rows = this.#database.prepare(`${query} LIMIT ${limit}`).all(...key);
    return rows.map((row) => Object.values(row) as unknown as NodeKey);
  }

  #count(query: string, key: NodeKey): number {
    const sql = `SELECT count(*) AS count FROM (${query} LIMIT ${COUNTED_MAX})`;
    return (this.#database.prepare(sql).get(...key) as { readonly count: number }).count;
  }
}

interface Found {
  readonly reference: NodeReference;
  readonly node: GraphNode;
}

interface Served {
  readonly port: number;
  readonly server_name: string | null;
  readonly firstRun: string;
  readonly lastRun: string;
}
