import { printable } from "../../text/mod.ts";
import {
  EDGE_TYPE_NAMES,
  EDGE_TYPES,
  type GraphEdge,
  type GraphNode,
  type GraphReader,
  NODE_TYPES,
  type NodeType,
} from "../model.ts";
import { STYLE_SHEET } from "./colours.ts";
import { COLUMNS, placeInColumns } from "./columns.ts";
import { nodeTexts } from "./node_texts.ts";
import { fittingText } from "./text_width.ts";

/** Neighbours that are not in the picture. */
export interface OmittedNeighbours {
  /** The node whose neighbours they are. */
  readonly of: string;
  readonly type: NodeType;
  readonly text: string;
}

/** What is drawn. */
export interface Picture {
  readonly graph: GraphReader;
  /** The node that it is about. */
  readonly start: GraphNode;
  readonly omitted: readonly OmittedNeighbours[];
}

const MARGIN = 28;
const COLUMN_GAP = 120;
const LANE_GAP = 14;
const BOX_PADDING = 12;
const HEAD_HEIGHT = 104;
const LEGEND_ITEM_GAP = 22;
const TITLE_SIZE = 17;
const LABEL_SIZE = 12;
const DETAIL_SIZE = 10;
/** In parts of the size of letters: about 200 pixels. */
const LABEL_WIDTH_MAX = 17;
const TITLE_WIDTH_MAX = 44;
/** Bold letters are so much broader. */
const BOLD = 1.14;

/** How boxes look. */
interface BoxShape {
  readonly height: number;
  /** From the middle of one to the middle of the next. */
  readonly distance: number;
  readonly hasDetail: boolean;
}

const ROOMY: BoxShape = { height: 38, distance: 50, hasDetail: true };
const COMPACT: BoxShape = { height: 22, distance: 29, hasDetail: false };

/** Nodes of one column from which on boxes are compact. */
const COMPACT_COLUMN = 50;

/** The port that says nothing. */
const USUAL_PORT = 443;

/** What stands in a box. */
interface Box {
  readonly id: string;
  readonly type: NodeType;
  readonly label: string;
  readonly detail: string;
  readonly title: string;
  readonly className: string;
  readonly width: number;
}

/** Draws a small graph, a few hundred nodes, as an SVG that stands on its own. */
export function drawPicture({ graph, start, omitted }: Picture): string {
  const nodes = NODE_TYPES.flatMap((type) => [...graph.nodes(type)]);
  const edges = EDGE_TYPE_NAMES.flatMap((type) => [...graph.edges(type)]);
  const boxes = [
    ...nodes.map((node) => nodeBox(node, node.id === start.id)),
    ...omitted.map(omittedBox),
  ];
  const lines = [...edgeLines(edges), ...omitted.map(omittedLine)];
  const frame = frameOf(boxes, lines);
  const legend = legendItems(nodes);
  const head = fittingText(printable(nodeTexts(start).label), TITLE_WIDTH_MAX);
  const seen = seenText(start);
  const seenWidth = fittingText(seen, Infinity).width * DETAIL_SIZE;
  const inside = Math.max(frame.width, legend.width, head.width * TITLE_SIZE * BOLD, seenWidth);
  const [width, height] = [Math.ceil(inside + 2 * MARGIN), frame.height + HEAD_HEIGHT + MARGIN];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<title>${escaped(`${start.type} ${start.label}`)}</title>`,
    `<style>${STYLE_SHEET}</style>`,
    `<rect class="paper" width="${width}" height="${height}"/>`,
    `<text class="title" x="${MARGIN}" y="36">${escaped(head.text)}</text>`,
    `<text class="small faint" x="${MARGIN}" y="54">${escaped(seen)}</text>`,
    ...legend.items,
    `<g transform="translate(${round((width - frame.width) / 2)} ${HEAD_HEIGHT})">`,
    ...lines.map((line) => lineElement(line, frame)),
    ...boxes.map((box) => boxElement(box, frame)),
    ...lines.map((line) => lineLabel(line, frame)).filter((label) => label !== ""),
    "</g>",
    "</svg>",
  ].join("\n");
}

function seenText({ type, firstRun, lastRun }: GraphNode): string {
  if (type === "ScanRun") return type;
  const runs = firstRun === lastRun ? `in run ${firstRun}` : `from run ${firstRun} to run ${lastRun}`;
  return `${type} seen ${runs}`;
}

function nodeBox(node: GraphNode, isStart: boolean): Box {
  const { label, detail } = nodeTexts(node);
  return sizedBox({
    id: node.id,
    type: node.type,
    label,
    detail,
    title: `${node.type} ${node.label}\n${node.id}\nfirst run ${node.firstRun}\nlast run ${node.lastRun}`,
    className: isStart ? `${node.type} start` : node.type,
  });
}

function omittedId(index: number): string {
  return `omitted ${index}`;
}

function omittedLine({ of, type, text }: OmittedNeighbours, index: number): Line {
  return { source: of, target: omittedId(index), className: `more ${type}`, title: text, label: "" };
}

function omittedBox({ type, text }: OmittedNeighbours, index: number): Box {
  return sizedBox({
    id: omittedId(index),
    type,
    label: text,
    detail: "not shown",
    title: text,
    className: `${type} more`,
  });
}

function sizedBox(box: Omit<Box, "width">): Box {
  const label = fittingText(printable(box.label), LABEL_WIDTH_MAX);
  const detail = fittingText(printable(box.detail), LABEL_WIDTH_MAX * LABEL_SIZE / DETAIL_SIZE);
  const labelWidth = label.width * LABEL_SIZE * (box.className.endsWith("start") ? BOLD : 1);
  const width = Math.ceil(Math.max(labelWidth, detail.width * DETAIL_SIZE)) + 2 * BOX_PADDING;
  return { ...box, label: label.text, detail: detail.text, width };
}

interface Line {
  readonly source: string;
  readonly target: string;
  readonly className: string;
  readonly title: string;
  readonly label: string;
}

/** One line between two nodes, however many edges there are; its title tells them. */
function edgeLines(edges: readonly GraphEdge[]): Line[] {
  const pairs = Map.groupBy(edges, ({ source, target, type }) => `${source} ${target} ${type}`);
  return [...pairs.values()].map((pair) => {
    const [{ source, target, type }] = pair as [GraphEdge];
    const ports = new Set(pair.map(({ properties }) => properties.port).filter((port) => port !== undefined));
    return {
      source,
      target,
      className: EDGE_TYPES[type].to,
      title: pair.map(edgeTitle).join("\n"),
      label: ports.size === 0 || (ports.size === 1 && ports.has(USUAL_PORT)) ? "" : [...ports].join(" "),
    };
  });
}

function edgeTitle({ type, properties: { port, server_name } }: GraphEdge): string {
  if (port === undefined) return type;
  return server_name === null ? `${type} port ${port}` : `${type} port ${port} as ${server_name}`;
}

/** The boxes in their places. */
interface Frame {
  readonly width: number;
  readonly height: number;
  readonly shape: BoxShape;
  readonly spots: ReadonlyMap<string, Spot>;
}

/** The place of a box: its left and right side and its middle, and the sides of its column. */
interface Spot {
  readonly left: number;
  readonly right: number;
  readonly y: number;
  readonly columnLeft: number;
  readonly columnRight: number;
}

function frameOf(boxes: readonly Box[], lines: readonly Line[]): Frame {
  const longest = Math.max(
    ...COLUMNS.map((types) => boxes.filter(({ type }) => types.includes(type)).length),
  );
  const shape = longest < COMPACT_COLUMN ? ROOMY : COMPACT;
  const places = placeInColumns(boxes, lines, shape.distance);
  // Boxes of one column are of one width: lines then begin and end together.
  const columns: { width: number; lanes: number }[] = [];
  for (const { id, width } of boxes) {
    const { column, lanes } = places.get(id)!;
    columns[column] = { width: Math.max(columns[column]?.width ?? 0, width), lanes };
  }
  const sides: { left: number; right: number }[] = [];
  for (const { width, lanes } of columns) {
    const last = sides.at(-1);
    const left = last === undefined ? 0 : last.right + COLUMN_GAP;
    sides.push({ left, right: left + lanes * width + (lanes - 1) * LANE_GAP });
  }
  const heights = [...places.values()].map(({ y }) => y);
  const top = Math.min(...heights) - shape.height / 2;
  const spots = boxes.map(({ id }): [string, Spot] => {
    const { column, lane, y } = places.get(id)!;
    const { left: columnLeft, right: columnRight } = sides[column]!;
    const { width } = columns[column]!;
    const left = columnLeft + lane * (width + LANE_GAP);
    return [id, { left, right: left + width, y: round(y - top), columnLeft, columnRight }];
  });
  return {
    width: sides.at(-1)!.right,
    height: Math.ceil(Math.max(...heights) + shape.height / 2 - top),
    shape,
    spots: new Map(spots),
  };
}

function boxElement({ id, label, detail, title, className }: Box, { spots, shape }: Frame): string {
  const { left, right, y } = spots.get(id)!;
  const [x, width] = [left + BOX_PADDING, right - left];
  const texts = shape.hasDetail
    ? `<text class="label" x="${x}" y="${y - 2}">${escaped(label)}</text>` +
      `<text class="small faint" x="${x}" y="${y + 12}">${escaped(detail)}</text>`
    : `<text class="label" x="${x}" y="${y + 4}">${escaped(label)}</text>`;
  return `<g class="${className}"><title>${escaped(title)}</title>` +
    `<rect x="${left}" y="${
      y - shape.height / 2
    }" width="${width}" height="${shape.height}" rx="7"/>${texts}</g>`;
}

/** The boxes at the ends of a line, the one further left first. */
function endsOf({ source, target }: Line, { spots }: Frame): [Spot, Spot] {
  const [one, other] = [spots.get(source)!, spots.get(target)!];
  return one.columnLeft <= other.columnLeft ? [one, other] : [other, one];
}

/** A line from side to side: straight where it passes other boxes of its columns, and bent between columns. */
function lineElement(line: Line, frame: Frame): string {
  const [one, other] = endsOf(line, frame);
  const middle = round((one.columnRight + other.columnLeft) / 2);
  const path = `M${one.right} ${one.y}H${one.columnRight}` +
    `C${middle} ${one.y} ${middle} ${other.y} ${other.columnLeft} ${other.y}H${other.left}`;
  return `<path class="${line.className}" d="${path}"><title>${escaped(line.title)}</title></path>`;
}

/** Where a line has left its box and is not yet among others. */
function lineLabel(line: Line, frame: Frame): string {
  if (line.label === "") return "";
  const [one, other] = endsOf(line, frame);
  // The point of the curve at 0.3 of its parameter.
  const x = round(one.columnRight + 0.3483 * (other.columnLeft - one.columnRight));
  const y = round(one.y + 0.216 * (other.y - one.y));
  return `<text class="small faint way" x="${x}" y="${y + 3}">${escaped(line.label)}</text>`;
}

/** A sample of each type that is in the picture, with how many there are. */
function legendItems(nodes: readonly GraphNode[]): { readonly items: string[]; readonly width: number } {
  const items: string[] = [];
  let x = MARGIN;
  for (const type of COLUMNS.flat()) {
    const count = nodes.filter((node) => node.type === type).length;
    if (count === 0) continue;
    const text = fittingText(`${type} ${count}`, LABEL_WIDTH_MAX);
    items.push(
      `<g class="${type}"><rect x="${x}" y="72" width="14" height="12" rx="3"/>` +
        `<text x="${x + 20}" y="82">${text.text}</text></g>`,
    );
    x += Math.ceil(20 + text.width * LABEL_SIZE + LEGEND_ITEM_GAP);
  }
  return { items, width: x - LEGEND_ITEM_GAP - MARGIN };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Text as XML 1.0 can hold it, which is without control characters and the two that are none. */
function escaped(text: string): string {
  return text.split("\n").map(printable).join("\n").replaceAll(/[\ufffe\uffff]/g, "\ufffd")
    .replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
