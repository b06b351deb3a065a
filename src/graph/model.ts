/**
 * The identity graph: what its nodes and edges are, and how a reader sees them. The store keeps the same facts in a
 * form of its own (`store/schema.ts`); exports, pictures and questions see only this.
 *
 * @module
 */

/** Every type of node, in the order of exports. */
export const NODE_TYPES = [
  "ScanRun",
  "ASN",
  "IP",
  "CA",
  "Organization",
  "PublicKey",
  "Domain",
  "Certificate",
] as const;

export type NodeType = (typeof NODE_TYPES)[number];

/** Every type of edge, in the order of exports, with the types of node that it leads from and to. */
export const EDGE_TYPES = {
  /** A server showed the certificate as its own: first of the chain. Once for each port and server name. */
  SERVES: { from: ["IP"], to: "Certificate" },
  ISSUED_BY: { from: ["Certificate"], to: "CA" },
  /** Into the names that the certificate is for. */
  BELONGS_TO: { from: ["Certificate"], to: "Domain" },
  OWNED_BY: { from: ["Certificate"], to: "Organization" },
  USES_KEY: { from: ["Certificate"], to: "PublicKey" },
  IN_ASN: { from: ["IP"], to: "ASN" },
  SEEN_IN_RUN: { from: ["IP", "Certificate"], to: "ScanRun" },
} as const satisfies Record<string, { from: readonly NodeType[]; to: NodeType }>;

export type EdgeType = keyof typeof EDGE_TYPES;

/** All types of edge, in the same order. */
export const EDGE_TYPE_NAMES = Object.keys(EDGE_TYPES) as readonly EdgeType[];

/** What a property can be. Lists hold texts. */
export type PropertyValue = string | number | boolean | null | readonly string[];

/** How a property is declared where a format wants types. */
export type PropertyKind = "text" | "integer" | "boolean" | "time" | "texts";

/** The properties of each type of node beside `first_run` and `last_run`, which all have: names of runs. */
export const NODE_PROPERTIES = {
  ScanRun: {
    started: "time",
    ended: "time",
    outcome: "text",
    margay_version: "text",
    targets: "integer",
  },
  ASN: { number: "integer", name: "text" },
  IP: { address: "text", version: "integer", open_ports: "texts" },
  CA: { subject: "text", key_fingerprint: "text", organization: "text" },
  Organization: { name: "text", forms: "texts" },
  PublicKey: { fingerprint: "text", algorithm: "text", bits: "integer", curve: "text" },
  Domain: { name: "text", unicode: "text", registrable: "text", wildcard: "boolean" },
  Certificate: {
    fingerprint: "text",
    subject: "text",
    issuer: "text",
    serial_number: "text",
    not_before: "time",
    not_after: "time",
    self_signed: "boolean",
    authority: "boolean",
    signature_algorithm: "text",
    validation_level: "text",
    addresses: "integer",
  },
} as const satisfies Record<NodeType, Readonly<Record<string, PropertyKind>>>;

/** The same for edges. */
export const EDGE_PROPERTIES = {
  SERVES: { port: "integer", server_name: "text" },
  ISSUED_BY: {},
  BELONGS_TO: {},
  OWNED_BY: {},
  USES_KEY: {},
  IN_ASN: {},
  SEEN_IN_RUN: {},
} as const satisfies Record<EdgeType, Readonly<Record<string, PropertyKind>>>;

/** A node. */
export interface GraphNode {
  /** Unique in the graph, the same in every graph of the same facts, printable ASCII: see {@linkcode nodeId}. */
  readonly id: string;
  readonly type: NodeType;
  /** For a person: the address, the name, the subject. Strangers chose it, and it can hold any character. */
  readonly label: string;
  readonly firstRun: string;
  readonly lastRun: string;
  /** Those of {@linkcode NODE_PROPERTIES}, each of them. */
  readonly properties: Readonly<Record<string, PropertyValue>>;
}

/** An edge. Between two nodes there can be several of one type, which differ in their properties. */
export interface GraphEdge {
  readonly type: EdgeType;
  /** Identifiers of nodes. */
  readonly source: string;
  readonly target: string;
  readonly firstRun: string;
  readonly lastRun: string;
  /** Those of {@linkcode EDGE_PROPERTIES}, each of them. */
  readonly properties: Readonly<Record<string, PropertyValue>>;
}

/** A graph to be walked over, node by node and edge by edge, in an order that depends on its content alone. */
export interface GraphReader {
  nodes(type: NodeType): Iterable<GraphNode>;
  edges(type: EdgeType): Iterable<GraphEdge>;
}

/** The prefix of identifiers of each type. */
const ID_PREFIXES = {
  ScanRun: "run",
  ASN: "as",
  IP: "ip",
  CA: "ca",
  Organization: "org",
  PublicKey: "key",
  Domain: "domain",
  Certificate: "cert",
} as const satisfies Record<NodeType, string>;

/**
 * The identifier of a node, such as `ip:192.0.2.1`, `cert:9f86...`, `as:64500`, `ca:<SHA-256 of subject and key>`.
 * `key` is what the type is keyed by; `node_ids.ts` makes it from what can hold any character.
 */
export function nodeId(type: NodeType, key: string): string {
  return `${ID_PREFIXES[type]}:${key}`;
}

const TYPES_BY_PREFIX: ReadonlyMap<string, NodeType> = new Map(
  NODE_TYPES.map((type) => [ID_PREFIXES[type], type]),
);

/** What {@linkcode nodeId} made an identifier of; undefined where the text is none. */
export function parseNodeId(text: string): { readonly type: NodeType; readonly key: string } | undefined {
  const [, prefix, key] = /^([a-z]+):(.+)$/s.exec(text) ?? [];
  const type = TYPES_BY_PREFIX.get(prefix ?? "");
  return type === undefined ? undefined : { type, key: key! };
}

/** The type of the node that an identifier belongs to. */
export function nodeTypeOf(id: string): NodeType {
  const type = TYPES_BY_PREFIX.get(id.slice(0, id.indexOf(":")));
  if (type === undefined) throw new Error(`Cannot tell the type of node ${id}: no type has this prefix`);
  return type;
}
