import type { DatabaseSync } from "node:sqlite";
import { hexadecimal } from "../../text/mod.ts";
import {
  type EdgeType,
  type GraphEdge,
  type GraphNode,
  type GraphReader,
  nodeId,
  type NodeType,
} from "../model.ts";
import { authorityNodeId, namedNodeId } from "../node_ids.ts";
import { allNodesQuery, nodeOf, type Row } from "./node_queries.ts";
import { rowsOf } from "./rows.ts";
import { IPV6_KEY_FIRST } from "./schema.ts";

const IS_IPV4 = `ip.id < ${IPV6_KEY_FIRST}`;

/** IPv6 addresses have keys in the order in which they came: their text, which has an index, orders them. */
const IS_IPV6 = "ip.ipv6 IS NOT NULL";

/** With this, every CA of one name. */
const AUTHORITIES = `
  SELECT public_key.fingerprint, min(run.name) AS first_run, max(run.name) AS last_run
  FROM issued_by LEFT JOIN public_key ON public_key.id = issued_by.public_key
  JOIN certificate_in_run AS seen ON seen.certificate = issued_by.certificate
  JOIN run ON run.id = seen.run
  WHERE issued_by.issuer = ?
  GROUP BY issued_by.public_key ORDER BY public_key.fingerprint`;

const CERTIFICATES = `
  SELECT certificate.id, certificate.fingerprint, organization.name AS organization,
    public_key.fingerprint AS public_key, min(run.name) AS first_run, max(run.name) AS last_run
  FROM certificate
  LEFT JOIN organization ON organization.id = certificate.organization
  LEFT JOIN public_key ON public_key.id = certificate.public_key
  CROSS JOIN certificate_in_run AS seen ON seen.certificate = certificate.id
  CROSS JOIN run ON run.id = seen.run
  GROUP BY certificate.fingerprint ORDER BY certificate.fingerprint`;

const ISSUERS = `
  SELECT DISTINCT distinguished_name.text, public_key.fingerprint
  FROM issued_by JOIN distinguished_name ON distinguished_name.id = issued_by.issuer
  LEFT JOIN public_key ON public_key.id = issued_by.public_key
  WHERE issued_by.certificate = ? ORDER BY 1, 2`;

const DOMAINS = `
  SELECT domain.name FROM belongs_to JOIN domain ON domain.id = belongs_to.domain
  WHERE belongs_to.certificate = ? ORDER BY domain.name`;

/** One row for each run: {@linkcode merged} makes one edge of those that differ in nothing else. */
const servesQuery = (condition: string, key: string) => `
  SELECT ip.address, certificate.fingerprint, serves.port, server_name.name AS server_name,
    run.name AS first_run, run.name AS last_run
  FROM ip CROSS JOIN serves ON serves.ip = ip.id CROSS JOIN certificate ON certificate.id = serves.certificate
  LEFT JOIN server_name ON server_name.id = serves.server_name
  CROSS JOIN run ON run.id = serves.run
  WHERE ${condition} ORDER BY ${key}, certificate.fingerprint, serves.port, server_name.name`;

const systemsQuery = (condition: string, key: string) => `
  SELECT ip.address, in_asn.number,
    (SELECT min(run.name) FROM ip_in_run AS seen JOIN run ON run.id = seen.run WHERE seen.ip = ip.id) AS first_run,
    (SELECT max(run.name) FROM ip_in_run AS seen JOIN run ON run.id = seen.run WHERE seen.ip = ip.id) AS last_run
  FROM ip CROSS JOIN in_asn ON in_asn.ip = ip.id
  WHERE ${condition} ORDER BY ${key}, in_asn.number`;

/** One row for each port. */
const addressRunsQuery = (condition: string, key: string) => `
  SELECT ip.address, run.name AS run
  FROM ip CROSS JOIN ip_in_run AS seen ON seen.ip = ip.id CROSS JOIN run ON run.id = seen.run
  WHERE ${condition} ORDER BY ${key}, run.name`;

const CERTIFICATE_RUNS = `
  SELECT certificate.fingerprint, run.name AS run
  FROM certificate CROSS JOIN certificate_in_run AS seen ON seen.certificate = certificate.id
  CROSS JOIN run ON run.id = seen.run
  ORDER BY certificate.fingerprint, run.name`;

/** Reads a graph file, however large: rows are taken from the file as they are asked for. */
export class SqliteGraphReader implements GraphReader {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  *nodes(type: NodeType): Iterable<GraphNode> {
    if (type === "CA") return yield* this.#authorities();
    const queries = type === "IP"
      ? [allNodesQuery(type, IS_IPV4), allNodesQuery(type, IS_IPV6, "ip.ipv6")]
      : [allNodesQuery(type)];
    for (const query of queries) {
      for (const row of this.#rows(query)) yield nodeOf(type, row);
    }
  }

  edges(type: EdgeType): Iterable<GraphEdge> {
    switch (type) {
      case "SERVES":
        return merged(this.#serves());
      case "ISSUED_BY":
        return this.#fromCertificates(
          type,
          ISSUERS,
          ({ text, fingerprint }) =>
            authorityNodeId(
              String(text),
              fingerprint instanceof Uint8Array ? hexadecimal(fingerprint) : null,
            ),
        );
      case "BELONGS_TO":
        return this.#fromCertificates(type, DOMAINS, ({ name }) => namedNodeId("Domain", String(name)));
      case "OWNED_BY":
        return this.#organizations();
      case "USES_KEY":
        return this.#keys();
      case "IN_ASN":
        return this.#systems();
      case "SEEN_IN_RUN":
        return merged(this.#runs());
    }
  }

  /** A name and each key that stands behind it. */
  *#authorities(): Iterable<GraphNode> {
    const authorities = this.#database.prepare(AUTHORITIES);
    for (
      const { id, text, organization } of this.#rows(
        "SELECT id, text, organization FROM distinguished_name ORDER BY text",
      )
    ) {
      for (const row of authorities.all(Number(id)) as Row[]) {
        yield nodeOf("CA", { ...row, subject: text!, organization: organization! });
      }
    }
  }

  *#serves(): Iterable<GraphEdge> {
    for (const row of this.#addressRows(servesQuery)) {
      yield {
        type: "SERVES",
        source: nodeId("IP", String(row.address)),
        target: certificateId(row),
        ...runsOf(row),
        properties: { port: Number(row.port), server_name: row.server_name as string | null },
      };
    }
  }

  /** Edges from each certificate to what `query` finds for it. */
  *#fromCertificates(type: EdgeType, query: string, target: (row: Row) => string): Iterable<GraphEdge> {
    const found = this.#database.prepare(query);
    for (const certificate of this.#rows(CERTIFICATES)) {
      const common = { type, source: certificateId(certificate), ...runsOf(certificate), properties: {} };
      for (const row of found.all(Number(certificate.id)) as Row[]) {
        yield { ...common, target: target(row) };
      }
    }
  }

  *#organizations(): Iterable<GraphEdge> {
    for (const row of this.#rows(CERTIFICATES)) {
      if (row.organization === null) continue;
      const target = namedNodeId("Organization", String(row.organization));
      yield { type: "OWNED_BY", source: certificateId(row), target, ...runsOf(row), properties: {} };
    }
  }

  *#keys(): Iterable<GraphEdge> {
    for (const row of this.#rows(CERTIFICATES)) {
      if (row.public_key === null) continue;
      const target = nodeId("PublicKey", hexadecimal(row.public_key as Uint8Array));
      yield { type: "USES_KEY", source: certificateId(row), target, ...runsOf(row), properties: {} };
    }
  }

  *#systems(): Iterable<GraphEdge> {
    for (const row of this.#addressRows(systemsQuery)) {
      const target = nodeId("ASN", String(row.number));
      yield {
        type: "IN_ASN",
        source: nodeId("IP", String(row.address)),
        target,
        ...runsOf(row),
        properties: {},
      };
    }
  }

  *#runs(): Iterable<GraphEdge> {
    for (const row of this.#addressRows(addressRunsQuery)) {
      yield seenInRun(nodeId("IP", String(row.address)), String(row.run));
    }
    for (const row of this.#rows(CERTIFICATE_RUNS)) yield seenInRun(certificateId(row), String(row.run));
  }

  /** The rows of IPv4 addresses, then those of IPv6 ones. */
  *#addressRows(query: (condition: string, key: string) => string): Iterable<Row> {
    yield* this.#rows(query(IS_IPV4, "ip.id"));
    yield* this.#rows(query(IS_IPV6, "ip.ipv6"));
  }

  #rows(query: string): Iterable<Row> {
    return rowsOf(this.#database, query);
  }
}

function certificateId({ fingerprint }: Row): string {
  return nodeId("Certificate", hexadecimal(fingerprint as Uint8Array));
}

function runsOf({ first_run, last_run }: Row): Pick<GraphEdge, "firstRun" | "lastRun"> {
  return { firstRun: String(first_run), lastRun: String(last_run) };
}

function seenInRun(source: string, run: string): GraphEdge {
  return {
    type: "SEEN_IN_RUN",
    source,
    target: namedNodeId("ScanRun", run),
    firstRun: run,
    lastRun: run,
    properties: {},
  };
}

/** One edge for those that come one after another and differ in nothing, or in their runs alone. */
function* merged(edges: Iterable<GraphEdge>): Iterable<GraphEdge> {
  let last: GraphEdge | undefined;
  for (const edge of edges) {
    if (last !== undefined && isSameEdge(last, edge)) {
      const firstRun = edge.firstRun < last.firstRun ? edge.firstRun : last.firstRun;
      const lastRun = edge.lastRun > last.lastRun ? edge.lastRun : last.lastRun;
      last = { ...last, firstRun, lastRun };
      continue;
    }
    if (last !== undefined) yield last;
    last = edge;
  }
  if (last !== undefined) yield last;
}

function isSameEdge(one: GraphEdge, other: GraphEdge): boolean {
  return one.source === other.source && one.target === other.target &&
    one.properties.port === other.properties.port &&
    one.properties.server_name === other.properties.server_name;
}
