import {
  EDGE_TYPE_NAMES,
  type EdgeType,
  type GraphEdge,
  type GraphNode,
  type GraphReader,
  NODE_TYPES,
  nodeId,
  type NodeType,
  type PropertyValue,
} from "../../../../src/graph/model.ts";

/** A graph in lists. */
export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** As exporters see it. */
export function readerOf({ nodes, edges }: Graph): GraphReader {
  return {
    nodes: (type) => nodes.filter((node) => node.type === type),
    edges: (type) => edges.filter((edge) => edge.type === type),
  };
}

/** In the order of exports. */
function graphOf(nodes: readonly GraphNode[], edges: readonly GraphEdge[]): Graph {
  return {
    nodes: NODE_TYPES.flatMap((type) => nodes.filter((node) => node.type === type)),
    edges: EDGE_TYPE_NAMES.flatMap((type) => edges.filter((edge) => edge.type === type)),
  };
}

type Properties = Readonly<Record<string, PropertyValue>>;

const FIRST = "20261121T171420Z-77ac4426";
const LAST = "20261128T090000Z-0badcafe";

function node(type: NodeType, key: string, label: string, properties: Properties): GraphNode {
  return { id: nodeId(type, key), type, label, firstRun: FIRST, lastRun: LAST, properties };
}

function edge(type: EdgeType, source: string, target: string, properties: Properties = {}): GraphEdge {
  return { type, source, target, firstRun: FIRST, lastRun: FIRST, properties };
}

function certificate(key: string, subject: string, more: Properties = {}): GraphNode {
  return node("Certificate", key, subject, {
    fingerprint: key,
    subject,
    issuer: "CN=Example CA 1,O=Example Trust,C=CH",
    serial_number: "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567",
    not_before: "2026-01-01T00:00:00Z",
    not_after: "2026-12-31T23:59:59Z",
    self_signed: false,
    authority: null,
    signature_algorithm: "ecdsa-with-SHA256",
    validation_level: "DV",
    addresses: 2,
    ...more,
  });
}

/** What a scan of two servers finds: small enough to be looked at. */
export const SMALL: Graph = graphOf([
  node("ScanRun", "20261121T171420Z-77ac4426", "20261121T171420Z-77ac4426", {
    started: "2026-11-21T17:14:20.043Z",
    ended: "2026-11-21T17:15:02.500Z",
    outcome: "done",
    margay_version: "0.1.0",
    targets: 65536,
  }),
  node("ASN", "64500", "AS64500 Example Networks", { number: 64500, name: "Example Networks" }),
  ...["192.0.2.10", "192.0.2.11", "2001:db8::42"].map((address) =>
    node("IP", address, address, {
      address,
      version: address.includes(":") ? 6 : 4,
      open_ports: ["443", "8443"],
    })
  ),
  node("CA", "5f".repeat(32), "Example CA 1", {
    subject: "CN=Example CA 1,O=Example Trust,C=CH",
    key_fingerprint: "c4".repeat(32),
    organization: "Example Trust",
  }),
  node("Organization", "example", "Example", { name: "example", forms: ["Example Inc.", "EXAMPLE, INC"] }),
  node("PublicKey", "7b".repeat(32), "EC P-256 7b7b7b7b", {
    fingerprint: "7b".repeat(32),
    algorithm: "EC",
    bits: 256,
    curve: "P-256",
  }),
  ...["www.example.org", "example.org", "*.shop.example"].map((name) =>
    node("Domain", name.replace("*", "%2A"), name, {
      name,
      unicode: name,
      registrable: name === "*.shop.example" ? "shop.example" : "example.org",
      wildcard: name.startsWith("*"),
    })
  ),
  certificate("9f".repeat(32), "CN=www.example.org,O=Example Inc.,L=Z\u{FC}rich,C=CH"),
  certificate("a3".repeat(32), "CN=*.shop.example"),
], [
  edge("SERVES", "ip:192.0.2.10", `cert:${"9f".repeat(32)}`, { port: 443, server_name: null }),
  edge("SERVES", "ip:192.0.2.11", `cert:${"9f".repeat(32)}`, { port: 443, server_name: null }),
  edge("SERVES", "ip:192.0.2.11", `cert:${"a3".repeat(32)}`, { port: 8443, server_name: "shop.example" }),
  edge("SERVES", "ip:2001:db8::42", `cert:${"a3".repeat(32)}`, { port: 443, server_name: "shop.example" }),
  edge("ISSUED_BY", `cert:${"9f".repeat(32)}`, `ca:${"5f".repeat(32)}`),
  edge("ISSUED_BY", `cert:${"a3".repeat(32)}`, `ca:${"5f".repeat(32)}`),
  edge("BELONGS_TO", `cert:${"9f".repeat(32)}`, "domain:www.example.org"),
  edge("BELONGS_TO", `cert:${"9f".repeat(32)}`, "domain:example.org"),
  edge("BELONGS_TO", `cert:${"a3".repeat(32)}`, "domain:%2A.shop.example"),
  edge("OWNED_BY", `cert:${"9f".repeat(32)}`, "org:example"),
  edge("USES_KEY", `cert:${"9f".repeat(32)}`, `key:${"7b".repeat(32)}`),
  edge("USES_KEY", `cert:${"a3".repeat(32)}`, `key:${"7b".repeat(32)}`),
  ...["192.0.2.10", "192.0.2.11", "2001:db8::42"].map((address) =>
    edge("IN_ASN", `ip:${address}`, "as:64500")
  ),
  ...["ip:192.0.2.10", "ip:192.0.2.11", `cert:${"9f".repeat(32)}`].map((source) =>
    edge("SEEN_IN_RUN", source, "run:20261121T171420Z-77ac4426")
  ),
]);

/** What a certificate may say of its holder, and programs that read exports take for something else. */
const HOSTILE_TEXTS: readonly string[] = [
  "",
  " ",
  " spaces around ",
  "comma, semicolon; bar | quote \" apostrophe ' backtick `",
  '"',
  '""',
  '","',
  "line\nbreak",
  "carriage\r\nreturn\r",
  "\ttab\t",
  "NUL \0 escape \x1b[31m delete \x7f next line \x85 separators \x1c\x1d\x1e\x1f",
  "right to left \u{202E}gpj.exe\u{202C} isolate \u{2066}x\u{2069} mark \u{FEFF}",
  "line separator \u{2028} paragraph separator \u{2029}",
  "=cmd|' /C calc'!A0",
  "+1",
  "-2+3",
  "@SUM(A1:A9)",
  "'=already quoted",
  "''=twice",
  "'apostrophe",
  "\u{FF1D}1+1",
  "\t=1+1",
  "\r=1+1",
  "leopard \u{1F406}, family \u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}, flag \u{1F1E8}\u{1F1ED}",
  "lone \u{D800} surrogates \u{DFFF}",
  "\u{DC00}\u{D800}",
  "no characters \u{FFFE} \u{FFFF} \u{1FFFF} private \u{E000}",
  "replacement \u{FFFD}",
  "]]> <!-- --> <![CDATA[ <script>alert(1)</script> </svg>",
  "&amp; &lt;b&gt; &#10; AT&T &",
  'back\\slash \\N \\G \\n \\l \\" ends with \\',
  "\\",
  "\\\\",
  "null",
  "NULL",
  "true",
  "<empty>",
  "[a, b]",
  "{}",
  "$(touch pwned) `touch pwned` ${HOME} %s %n",
  "; DROP DATABASE neo4j; //",
  "0123456789".repeat(6554),
  "\u{1F406}".repeat(16_384),
];

/** Identifiers are printable ASCII, and nothing else is promised. */
const HOSTILE_KEYS = [
  "64500 a\"b\\c,d;e|f'g`h<i>&amp;{j}[k]%20$(l)",
  "ends with \\",
  "x".repeat(300),
];

/** Everything strangers can do, parallel edges, a type without nodes (ASN), big numbers, nothing where it may be. */
export const HOSTILE: Graph = graphOf([
  node("ScanRun", FIRST, FIRST, {
    started: "2026-11-21T17:14:20.043Z",
    ended: null,
    outcome: null,
    margay_version: "0.1.0",
    targets: Number.MAX_SAFE_INTEGER,
  }),
  node("ScanRun", LAST, LAST, {
    started: "2026-02-30T00:00:00Z",
    ended: "not a time",
    outcome: "done",
    margay_version: "0.1.0",
    targets: 2 ** 62,
  }),
  node("IP", "2001:db8::1", "2001:db8::1", { address: "2001:db8::1", version: 6, open_ports: [] }),
  node("IP", "192.0.2.1", "192.0.2.1", { address: "192.0.2.1", version: 4, open_ports: ["443"] }),
  node("CA", "00".repeat(32), "", { subject: null, key_fingerprint: null, organization: null }),
  node("PublicKey", "11".repeat(32), "key", { fingerprint: "11", algorithm: "EC", bits: -1, curve: null }),
  ...HOSTILE_TEXTS.map((text, index) =>
    node("Organization", String(index), text, { name: text, forms: [text, `a${text}`, `${text}b`] })
  ),
  node("Organization", "none", "none", { name: "none", forms: [] }),
  node("Organization", "all", "all", { name: "all", forms: HOSTILE_TEXTS }),
  ...HOSTILE_KEYS.map((key) =>
    node("Domain", key, key, { name: key, unicode: null, registrable: null, wildcard: true })
  ),
  ...HOSTILE_TEXTS.map((text, index) =>
    certificate(String(index), text, { issuer: text, self_signed: null, authority: true })
  ),
], [
  edge("SERVES", "ip:192.0.2.1", "cert:0", { port: 443, server_name: null }),
  edge("SERVES", "ip:192.0.2.1", "cert:0", { port: 443, server_name: "example.org" }),
  edge("SERVES", "ip:192.0.2.1", "cert:0", { port: 8443, server_name: "example.org" }),
  ...HOSTILE_TEXTS.map((text, index) =>
    edge("SERVES", "ip:2001:db8::1", `cert:${index}`, { port: 65535, server_name: text })
  ),
  ...HOSTILE_TEXTS.map((_, index) => edge("OWNED_BY", `cert:${index}`, `org:${index}`)),
  ...HOSTILE_KEYS.map((key) => edge("BELONGS_TO", "cert:0", nodeId("Domain", key))),
  edge("SEEN_IN_RUN", "ip:192.0.2.1", `run:${FIRST}`),
  edge("SEEN_IN_RUN", "cert:0", `run:${FIRST}`),
  { ...edge("SEEN_IN_RUN", "cert:0", `run:${LAST}`), lastRun: LAST },
]);

export const EMPTY: Graph = { nodes: [], edges: [] };
