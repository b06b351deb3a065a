/**
 * Reads exports back, each with a reader of its own that shares no code with what wrote them, and says what of a graph
 * a format is known to lose.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  EDGE_PROPERTIES,
  EDGE_TYPE_NAMES,
  type EdgeType,
  type GraphEdge,
  type GraphNode,
  NODE_PROPERTIES,
  NODE_TYPES,
  type NodeType,
  type PropertyKind,
  type PropertyValue,
} from "../../../../src/graph/model.ts";
import { readCsv, readCsvTable } from "./csv_reader.ts";
import { readDot } from "./dot_reader.ts";
import type { Graph } from "./graphs.ts";
import { elements, readXml, type XmlElement } from "./xml_reader.ts";

/** How the export of one format is judged. */
export interface ReadBack {
  read(folder: string): Promise<Graph>;
  /** What can be read back of a graph. */
  kept(graph: Graph): Graph;
}

export const READ_BACK: Readonly<Record<string, ReadBack>> = {
  json: { read: readJson, kept: (graph) => mapTexts(graph, wellFormed) },
  ndjson: { read: readNdjson, kept: (graph) => mapTexts(graph, wellFormed) },
  "gephi-csv": { read: readGephiCsv, kept: (graph) => mapTexts(graph, printable) },
  gexf: { read: readGexf, kept: (graph) => mapTexts(graph, printable) },
  dot: { read: readDotFile, kept: (graph) => mapTexts(graph, printable) },
  neo4j: { read: readNeo4j, kept: keptByNeo4j },
  arangodb: { read: readArangodb, kept: (graph) => mapTexts(graph, wellFormed) },
  tigergraph: { read: readTigergraph, kept: keptByTigergraph },
};

/** The file's text; no octet of it is anything but UTF-8. */
export async function readFile(folder: string, name: string): Promise<string> {
  const octets = await Deno.readFile(join(folder, name));
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(octets);
}

// What is lost

type MapValue = (value: PropertyValue, kind: PropertyKind) => PropertyValue;

function wellFormed(text: string): string {
  return [...text].map((character) => /^[\uD800-\uDFFF]$/.test(character) ? "\u{FFFD}" : character).join("");
}

function printable(text: string): string {
  return [...text].map((character) => {
    const code = character.codePointAt(0)!;
    const isText = code >= 0x20 && code < 0xd800 || code >= 0xe000 && code < 0xfffe || code > 0xffff ||
      ["\t", "\n", "\r"].includes(character);
    return isText ? character : "\u{FFFD}";
  }).join("");
}

function mapTexts(graph: Graph, map: (text: string) => string): Graph {
  return mapGraph(graph, map, (value) => {
    if (typeof value === "string") return map(value);
    return Array.isArray(value) ? value.map(map) : value;
  });
}

function mapGraph({ nodes, edges }: Graph, mapLabel: (label: string) => string, mapValue: MapValue): Graph {
  const mapped = (properties: GraphNode["properties"], kinds: Readonly<Record<string, PropertyKind>>) =>
    Object.fromEntries(
      Object.entries(properties).map(([name, value]) => [name, mapValue(value, kinds[name]!)]),
    );
  return {
    nodes: nodes.map((node) => ({
      ...node,
      label: mapLabel(node.label),
      properties: mapped(node.properties, NODE_PROPERTIES[node.type]),
    })),
    edges: edges.map((edge) => ({
      ...edge,
      properties: mapped(edge.properties, EDGE_PROPERTIES[edge.type]),
    })),
  };
}

/** No difference between no list and an empty one, and no time that is none. */
function keptByNeo4j(graph: Graph): Graph {
  return mapGraph(mapTexts(graph, printable), (label) => label, (value, kind) => {
    if (Array.isArray(value) && value.length === 0) return null;
    return kind === "time" && isBadTime(value) ? null : value;
  });
}

/** Text is never absent, tables have no tabs and line breaks, lists no bars, times no fractions. */
function keptByTigergraph(graph: Graph): Graph {
  const kept = (text: string) => printable(text).replace(/[\t\r\n]/g, "\u{FFFD}");
  return mapGraph(graph, kept, (value, kind) => {
    if (kind === "time") {
      return value === null || isBadTime(value) ? null : String(value).replace(/\.\d+Z$/, "Z");
    }
    if (kind === "text") return kept(String(value ?? ""));
    return Array.isArray(value) ? value.map((text) => kept(text).replaceAll("|", "\u{A6}")) : value;
  });
}

/** The two of the hostile graph. */
function isBadTime(value: PropertyValue): boolean {
  return value === "not a time" || value === "2026-02-30T00:00:00Z";
}

// JSON

type JsonRecord = Readonly<Record<string, PropertyValue>>;

function nodeOfRecord({ id, type, label, first_run, last_run, ...properties }: JsonRecord): GraphNode {
  return { id, type, label, firstRun: first_run, lastRun: last_run, properties } as GraphNode;
}

function edgeOfRecord({ source, target, type, first_run, last_run, ...properties }: JsonRecord): GraphEdge {
  return { type, source, target, firstRun: first_run, lastRun: last_run, properties } as GraphEdge;
}

async function readJson(folder: string): Promise<Graph> {
  const read = async (name: string): Promise<JsonRecord[]> => {
    const text = await readFile(folder, name);
    const records = JSON.parse(text);
    assert.equal(text.split("\n").length, records.length + 3, "one object a line");
    return records;
  };
  return {
    nodes: (await read("nodes.json")).map(nodeOfRecord),
    edges: (await read("edges.json")).map(edgeOfRecord),
  };
}

async function readLines(folder: string, name: string): Promise<JsonRecord[]> {
  const text = await readFile(folder, name);
  assert.ok(text === "" || text.endsWith("\n"));
  return text.split("\n").slice(0, -1).map((line) => JSON.parse(line));
}

async function readNdjson(folder: string): Promise<Graph> {
  const records = await readLines(folder, "graph.ndjson");
  const of = (what: string) =>
    records.filter(({ record }) => record === what).map(({ record: _, ...rest }) => rest);
  return { nodes: of("node").map(nodeOfRecord), edges: of("edge").map(edgeOfRecord) };
}

async function readArangodb(folder: string): Promise<Graph> {
  const nodes: GraphNode[] = [];
  const handles = new Map<unknown, string>();
  for (const type of NODE_TYPES) {
    for (const { _key, ...record } of await readLines(folder, `${type}.jsonl`)) {
      assert.match(String(_key), /^[a-zA-Z0-9_:.@()+,=;$!*'%-]{1,254}$/);
      assert.ok(!handles.has(`${type}/${_key}`), "a key is unique");
      const node = nodeOfRecord(record);
      handles.set(`${type}/${_key}`, node.id);
      nodes.push(node);
    }
  }
  const edges: GraphEdge[] = [];
  for (const type of EDGE_TYPE_NAMES) {
    const keys = new Set();
    for (const { _key, _from, _to, ...record } of await readLines(folder, `${type}.jsonl`)) {
      assert.match(String(_key), /^[0-9a-f]{64}$/);
      assert.ok(!keys.has(_key), "a key is unique");
      keys.add(_key);
      edges.push(edgeOfRecord({ source: handles.get(_from)!, target: handles.get(_to)!, ...record }));
    }
  }
  return { nodes, edges };
}

// Tables

type Row = Readonly<Record<string, string | undefined>>;

type ReadText = (text: string | undefined, kind: PropertyKind) => PropertyValue;

const READ_SCALAR: Readonly<Record<string, (text: string) => PropertyValue>> = {
  integer: (text) => {
    assert.match(text, /^-?\d+$/);
    return Number(text);
  },
  boolean: (text) => {
    assert.match(text, /^(true|false)$/);
    return text === "true";
  },
};

/** Absent where there is nothing. */
function readScalar(text: string | undefined, kind: PropertyKind): PropertyValue {
  return text === undefined ? null : READ_SCALAR[kind]?.(text) ?? text;
}

function propertiesOf(row: Row, kinds: Readonly<Record<string, PropertyKind>>, read: ReadText) {
  return Object.fromEntries(Object.entries(kinds).map(([name, kind]) => [name, read(row[name], kind)]));
}

function nodeOfRow(type: string, row: Row, read: ReadText): GraphNode {
  const { id, label, first_run, last_run } = row;
  const properties = propertiesOf(row, NODE_PROPERTIES[type as NodeType], read);
  return { id, type, label, firstRun: first_run, lastRun: last_run, properties } as GraphNode;
}

function edgeOfRow(type: string, row: Row, read: ReadText): GraphEdge {
  const { source, target, first_run, last_run } = row;
  const properties = propertiesOf(row, EDGE_PROPERTIES[type as EdgeType], read);
  return { type, source, target, firstRun: first_run, lastRun: last_run, properties } as GraphEdge;
}

/** As Gephi reads a list of texts: `["a", "b"]`, with backslashes before quotes and backslashes. */
function readGephiList(text: string): string[] {
  if (text === "<empty>") return [];
  assert.match(text, /^\[".*"\]$/s);
  return [...text.matchAll(/"((?:[^"\\]|\\["\\])*)"(?:, |\]$)/gs)].map(([, item]) =>
    item!.replace(/\\(.)/gs, "$1")
  );
}

function readGephi(text: string | undefined, kind: PropertyKind): PropertyValue {
  return text !== undefined && kind === "texts" ? readGephiList(text) : readScalar(text, kind);
}

async function readGephiCsv(folder: string): Promise<Graph> {
  const read = async (name: string) =>
    readCsvTable(await readFile(folder, name)).map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, text]) => {
          assert.match(text ?? "", /^(?:-?\d+$|(?![=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]))/, "no formula");
          return [name, text?.replace(/^'('*[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20])/, "$1")];
        }),
      )
    );
  const edges = await read("edges.csv");
  assert.ok(edges.every(({ Type, Kind, Label }) => Type === "Directed" && Kind === Label));
  return {
    nodes: (await read("nodes.csv")).map(({ Id, Label, type, ...row }) =>
      nodeOfRow(type!, { id: Id, label: Label, ...row }, readGephi)
    ),
    edges: edges.map(({ Source, Target, Kind, ...row }) =>
      edgeOfRow(Kind!, { source: Source, target: Target, ...row }, readGephi)
    ),
  };
}

const NEO4J_KINDS: Readonly<Record<string, PropertyKind>> = {
  string: "text",
  long: "integer",
  boolean: "boolean",
  datetime: "time",
  "string[]": "texts",
};

function readNeo4jField(text: string | undefined, kind: PropertyKind): PropertyValue {
  return text !== undefined && kind === "texts" ? text.split("\x1f") : readScalar(text, kind);
}

async function readNeo4j(folder: string): Promise<Graph> {
  const read = async (type: string, kinds: Readonly<Record<string, PropertyKind>>): Promise<Row[]> => {
    const [header] = readCsv(await readFile(folder, `${type}-header.csv`));
    const names = header!.map((column) => {
      const [, name, kind] = /^(\w*)(?::(.*))?$/.exec(column!)!;
      if (name !== "" && name! in kinds) assert.equal(NEO4J_KINDS[kind!], kinds[name!], name);
      return name === "" ? `:${kind}` : name!;
    });
    return readCsv(await readFile(folder, `${type}.csv`)).map((row) => {
      assert.equal(row.length, names.length);
      return Object.fromEntries(row.map((field, index) => [names[index]!, field]));
    });
  };
  const graph = { nodes: [] as GraphNode[], edges: [] as GraphEdge[] };
  for (const type of NODE_TYPES) {
    for (const { ":LABEL": label, ...row } of await read(type, NODE_PROPERTIES[type])) {
      graph.nodes.push(nodeOfRow(label!, row, readNeo4jField));
    }
  }
  for (const type of EDGE_TYPE_NAMES) {
    for (const row of await read(type, EDGE_PROPERTIES[type])) {
      const { ":START_ID": source, ":END_ID": target, ":TYPE": label, ...rest } = row;
      graph.edges.push(edgeOfRow(label!, { source, target, ...rest }, readNeo4jField));
    }
  }
  return graph;
}

function readTigergraphField(text: string | undefined, kind: PropertyKind): PropertyValue {
  if (kind === "text") return text!;
  if (kind === "texts") return text === "" ? [] : text!.split("|");
  if (text === "") return null;
  if (kind !== "time") return readScalar(text, kind);
  assert.match(text!, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  return `${text!.replace(" ", "T")}Z`;
}

async function readTigergraph(folder: string): Promise<Graph> {
  const read = async (type: string): Promise<Row[]> => {
    const [header, ...lines] = (await readFile(folder, `${type}.tsv`)).replace(/\n$/, "").split("\n");
    const names = header!.split("\t");
    return lines.map((line) => {
      const fields = line.split("\t");
      assert.equal(fields.length, names.length);
      return Object.fromEntries(fields.map((field, index) => [names[index]!, field]));
    });
  };
  const graph = { nodes: [] as GraphNode[], edges: [] as GraphEdge[] };
  for (const type of NODE_TYPES) {
    graph.nodes.push(...(await read(type)).map((row) => nodeOfRow(type, row, readTigergraphField)));
  }
  for (const type of EDGE_TYPE_NAMES) {
    graph.edges.push(...(await read(type)).map((row) => edgeOfRow(type, row, readTigergraphField)));
  }
  return graph;
}

// Files of graphs

const GEXF_TYPES = {
  text: "string",
  integer: "long",
  boolean: "boolean",
  time: "string",
  texts: "liststring",
};

async function readGexf(folder: string): Promise<Graph> {
  const root = readXml(await readFile(folder, "graph.gexf"));
  assert.deepEqual([root.name, root.attributes.version, root.attributes.xmlns], [
    "gexf",
    "1.3",
    "http://gexf.net/1.3",
  ]);
  const declared = elements(root, "attributes").map((declaration) =>
    new Map(
      elements(declaration, "attribute").map(({ attributes }) => [attributes.id!, attributes.type!]),
    )
  );
  const row = (element: XmlElement, types: ReadonlyMap<string, string>): Row => {
    const values = elements(element, "attvalue").map(({ attributes }) =>
      [attributes.for!, attributes.value!] as const
    );
    for (const [name] of values) assert.ok(types.has(name), `${name} is declared`);
    return Object.fromEntries(values);
  };
  for (
    const [name, kind] of [NODE_PROPERTIES, EDGE_PROPERTIES].flatMap(Object.values).flatMap(Object.entries)
  ) {
    assert.ok(declared.some((types) => types.get(name) === GEXF_TYPES[kind as PropertyKind]), name);
  }
  const edgeElements = elements(root, "edge");
  assert.equal(new Set(edgeElements.map(({ attributes }) => attributes.id)).size, edgeElements.length);
  return graphOfGexf({
    nodes: elements(root, "node").map((element) => ({
      ...row(element, declared[0]!),
      ...element.attributes,
    })),
    edges: edgeElements.map((element) => {
      const { kind, ...attributes } = element.attributes;
      const values = row(element, declared[1]!);
      assert.equal(kind, attributes.label);
      return { ...values, ...attributes };
    }),
  });
}

/** Of the attributes of elements with their values; numbers and flags may be text or what they are. */
export function graphOfGexf(
  { nodes, edges }: Readonly<Record<"nodes" | "edges", readonly Readonly<Record<string, unknown>>[]>>,
): Graph {
  const texts = (values: Readonly<Record<string, unknown>>): Row =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
  return {
    nodes: nodes.map(texts).map((row) => nodeOfRow(row.type!, row, readGephi)),
    edges: edges.map(texts).map((row) => edgeOfRow(row.label!, row, readGephi)),
  };
}

async function readDotFile(folder: string): Promise<Graph> {
  return graphOfDot(readDot(await readFile(folder, "graph.dot")));
}

/** Of what a reader of the DOT language gives: backslashes are doubled everywhere. */
export function graphOfDot({ nodes, edges }: ReturnType<typeof readDot>): Graph {
  const halved = (text: string) => text.replace(/\\\\/g, "\\");
  const row = (attributes: Readonly<Record<string, string>>): Row =>
    Object.fromEntries(Object.entries(attributes).map(([name, text]) => [name, halved(text)]));
  const read: ReadText = (text, kind) =>
    text !== undefined && kind === "texts" ? JSON.parse(text) : readScalar(text, kind);
  return {
    nodes: nodes.map(({ name, attributes }) => {
      const { type, full_label: label, ...rest } = row(attributes);
      return nodeOfRow(type!, { ...rest, id: halved(name), label }, read);
    }),
    edges: edges.map(({ source, target, attributes }) => {
      const { type, ...rest } = row(attributes);
      return edgeOfRow(type!, { ...rest, source: halved(source), target: halved(target) }, read);
    }),
  };
}
