import type { NodeType } from "../model.ts";

/** What is placed: a node, or what stands for those that are left out. */
export interface PlacedNode {
  readonly id: string;
  readonly type: NodeType;
}

/** A connection of two nodes. Which way it leads does not matter for their places. */
export interface Connection {
  readonly source: string;
  readonly target: string;
}

/** Where a node is. */
export interface Place {
  /** From the left. */
  readonly column: number;
  /** In a long column nodes stand in two lanes, like bricks: lines of one pass between the boxes of the other. */
  readonly lane: number;
  readonly lanes: number;
  /** How far down its middle is from that of the picture. */
  readonly y: number;
}

/** Nodes from which on a column has two lanes. */
const LONG_COLUMN = 21;

/**
 * From left to right and from top to bottom: edges lead from addresses over certificates to what these name, from
 * addresses to an AS, and from addresses and certificates to a run.
 */
export const COLUMNS: readonly (readonly NodeType[])[] = [
  ["ASN"],
  ["IP"],
  ["ScanRun"],
  ["Certificate"],
  ["Domain", "Organization", "PublicKey", "CA"],
];

/** Sweeps over the columns: more make no visible difference. */
const SWEEPS = 12;

/**
 * Puts nodes into columns by type, in each column in an order with few crossings (each node at the mean of its
 * neighbours, column after column, back and forth), and as near to the height of its neighbours as others allow.
 *
 * @param distance between the middles of neighbours in one column.
 */
export function placeInColumns(
  nodes: readonly PlacedNode[],
  connections: readonly Connection[],
  distance: number,
): ReadonlyMap<string, Place> {
  const neighbours = neighboursOf(nodes, connections);
  const columns = columnsOf(nodes);
  const lanesOf = ({ length }: readonly string[]) => length < LONG_COLUMN ? 1 : 2;
  const heights = new Map<string, number>();
  for (const column of columns) {
    const step = distance / lanesOf(column);
    for (const [index, id] of column.entries()) heights.set(id, (index - (column.length - 1) / 2) * step);
  }
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    for (const column of sweep % 2 === 0 ? columns : columns.toReversed()) {
      const wished = new Map(
        column.map((id) => [id, mean(neighbours.get(id)!.map((other) => heights.get(other)!))]),
      );
      const wish = (id: string) => wished.get(id) ?? heights.get(id)!;
      column.sort((one, other) => wish(one) - wish(other));
      const settled = spread(column.map(wish), distance / lanesOf(column));
      for (const [index, id] of column.entries()) heights.set(id, settled[index]!);
    }
  }
  return new Map(columns.flatMap((ids, column) => {
    const lanes = lanesOf(ids);
    return ids.map((id, index) => [id, { column, lane: index % lanes, lanes, y: heights.get(id)! }] as const);
  }));
}

function neighboursOf(
  nodes: readonly PlacedNode[],
  connections: readonly Connection[],
): ReadonlyMap<string, readonly string[]> {
  const neighbours = new Map(nodes.map(({ id }) => [id, [] as string[]]));
  for (const { source, target } of connections) {
    neighbours.get(source)!.push(target);
    neighbours.get(target)!.push(source);
  }
  return neighbours;
}

/** The columns that are not empty. */
function columnsOf(nodes: readonly PlacedNode[]): string[][] {
  const columns = COLUMNS.map((types) =>
    types.flatMap((type) => nodes.filter((node) => node.type === type).map(({ id }) => id))
  );
  return columns.filter(({ length }) => length > 0);
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * The heights that lie nearest to those wished for, which rise, with a distance kept: where some would overlap, they
 * are stacked around their common mean (the pool-adjacent-violators algorithm).
 */
export function spread(wished: readonly number[], distance: number): number[] {
  const pools: { sum: number; count: number }[] = [];
  for (const [index, height] of wished.entries()) {
    // What remains when everything above is stacked has only to rise.
    let pool = { sum: height - index * distance, count: 1 };
    for (let last; (last = pools.at(-1)) !== undefined && last.sum / last.count > pool.sum / pool.count;) {
      pools.pop();
      pool = { sum: last.sum + pool.sum, count: last.count + pool.count };
    }
    pools.push(pool);
  }
  return pools.flatMap(({ sum, count }) => new Array<number>(count).fill(sum / count))
    .map((height, index) => height + index * distance);
}
