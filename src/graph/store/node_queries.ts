/**
 * How each type of node is read. First and last runs come from the runs in which a node, or what it follows from, was
 * seen. For all nodes they are grouped, in one pass in the order of keys, with the order of joins fixed (`CROSS JOIN`)
 * so that an index gives it and nothing is sorted. For one node they are probed, from the first run and from the last,
 * so that a node on which half of the graph hangs is found as fast as any other.
 *
 * @module
 */
import { hexadecimal } from "../../text/mod.ts";
import { unicodeName } from "../../x509/mod.ts";
import { keyName } from "../key_name.ts";
import { type GraphNode, nodeId, type NodeType, type PropertyValue } from "../model.ts";
import { authorityNodeId, namedNodeId } from "../node_ids.ts";
import { shortFingerprint } from "../short_fingerprint.ts";
import { timeOf } from "./time_of.ts";

/** A row of a query, by the names of its columns. */
export type Row = Readonly<Record<string, string | number | Uint8Array | null>>;

/** From what is joined before to the next table. */
type Join = readonly [table: string, condition: string];

/** A query in its parts. */
interface NodeQuery {
  readonly columns: string;
  readonly table: string;
  /** Joined to the left: it adds columns, never rows. */
  readonly beside?: string;
  /** What a node is keyed by: how nodes are grouped and ordered. */
  readonly key: string;
  /** How to get to the runs, as `seen.run`. */
  readonly seen: readonly Join[];
}

const SEEN_CERTIFICATE: Join = ["certificate_in_run AS seen", "seen.certificate = certificate.id"];

/** CAs are not here: they are no rows, but follow from certificates. */
const NODE_QUERIES: Readonly<Record<Exclude<NodeType, "CA">, NodeQuery>> = {
  ScanRun: {
    columns: "this.name, this.started, this.ended, this.outcome, this.margay_version, this.targets",
    table: "run AS this",
    key: "this.name",
    seen: [["(SELECT id AS run FROM run) AS seen", "seen.run = this.id"]],
  },
  ASN: {
    columns: "autonomous_system.number, autonomous_system.name",
    table: "autonomous_system",
    key: "autonomous_system.number",
    seen: [
      ["in_asn", "in_asn.number = autonomous_system.number"],
      ["ip_in_run AS seen", "seen.ip = in_asn.ip"],
    ],
  },
  IP: {
    columns: `ip.address, ip.ipv6, (
      SELECT json_group_array(DISTINCT port ORDER BY port) FROM ip_in_run WHERE ip_in_run.ip = ip.id
    ) AS ports`,
    table: "ip",
    key: "ip.id",
    seen: [["ip_in_run AS seen", "seen.ip = ip.id"]],
  },
  Organization: {
    columns: `organization.name, (
      SELECT json_group_array(form ORDER BY form) FROM organization_form WHERE organization = organization.id
    ) AS forms`,
    table: "organization",
    key: "organization.name",
    seen: [["certificate", "certificate.organization = organization.id"], SEEN_CERTIFICATE],
  },
  PublicKey: {
    columns: "public_key.fingerprint, public_key.algorithm, public_key.bits, public_key.curve",
    table: "public_key",
    key: "public_key.fingerprint",
    seen: [["certificate", "certificate.public_key = public_key.id"], SEEN_CERTIFICATE],
  },
  Domain: {
    columns: "domain.name, domain.registrable, domain.wildcard",
    table: "domain",
    key: "domain.name",
    seen: [
      ["belongs_to", "belongs_to.domain = domain.id"],
      ["certificate_in_run AS seen", "seen.certificate = belongs_to.certificate"],
    ],
  },
  Certificate: {
    columns: `certificate.fingerprint, certificate.subject, distinguished_name.text AS issuer,
      certificate.serial_number, certificate.not_before, certificate.not_after, certificate.self_signed,
      certificate.authority, certificate.signature_algorithm, certificate.validation_level, certificate.addresses`,
    table: "certificate",
    beside: "LEFT JOIN distinguished_name ON distinguished_name.id = certificate.issuer",
    key: "certificate.fingerprint",
    seen: [SEEN_CERTIFICATE],
  },
};

/** The query for all nodes of a type that fulfil a condition, in the order of `key`: else of what they are keyed by. */
export function allNodesQuery(
  type: Exclude<NodeType, "CA">,
  condition = "true",
  key: string = NODE_QUERIES[type].key,
): string {
  const { columns, table, beside = "", seen } = NODE_QUERIES[type];
  const joins = seen.map(([table, condition]) => `CROSS JOIN ${table} ON ${condition}`).join(" ");
  return `SELECT ${columns}, min(run.name) AS first_run, max(run.name) AS last_run
    FROM ${table} ${beside} ${joins} CROSS JOIN run ON run.id = seen.run
    WHERE ${condition} GROUP BY ${key} ORDER BY ${key}`;
}

/** The query for the few nodes of a type that fulfil a condition. */
export function someNodesQuery(type: Exclude<NodeType, "CA">, condition: string): string {
  const { columns, table, beside = "", key, seen: [[first, link], ...rest] } = NODE_QUERIES[type] as
    & NodeQuery
    & {
      readonly seen: readonly [Join, ...Join[]];
    };
  const joins = rest.map(([table, condition]) => `CROSS JOIN ${table} ON ${condition}`).join(" ");
  const run = (order: string) =>
    `(
    SELECT run.name FROM run WHERE EXISTS (SELECT 1 FROM ${first} ${joins} WHERE ${link} AND seen.run = run.id)
    ORDER BY run.name ${order} LIMIT 1)`;
  return `SELECT ${columns}, ${run("ASC")} AS first_run, ${run("DESC")} AS last_run
    FROM ${table} ${beside} WHERE ${condition} ORDER BY ${key}`;
}

/** The node that a row of its type's query is. A CA's has `subject`, `organization` and `fingerprint`, its key's. */
export function nodeOf(type: NodeType, row: Row): GraphNode {
  const { first_run: firstRun, last_run: lastRun } = row as {
    readonly first_run: string;
    readonly last_run: string;
  };
  return { ...READERS[type](row), type, firstRun, lastRun };
}

type NodeContent = Pick<GraphNode, "id" | "label" | "properties">;

const READERS: Readonly<Record<NodeType, (row: Row) => NodeContent>> = {
  ScanRun({ name, started, ended, outcome, margay_version, targets }) {
    const properties = { started, ended, outcome, margay_version, targets } as Record<string, PropertyValue>;
    return { id: namedNodeId("ScanRun", String(name)), label: String(name), properties };
  },
  ASN({ number, name }) {
    return {
      id: nodeId("ASN", String(number)),
      label: name === null ? `AS${number}` : `AS${number} ${name}`,
      properties: { number: Number(number), name: textOf(name) },
    };
  },
  IP({ address, ipv6, ports }) {
    return {
      id: nodeId("IP", String(address)),
      label: String(address),
      properties: {
        address: String(address),
        version: ipv6 === null ? 4 : 6,
        open_ports: (JSON.parse(String(ports)) as number[]).map(String),
      },
    };
  },
  CA({ subject, fingerprint, organization }) {
    const key = fingerprint instanceof Uint8Array ? hexadecimal(fingerprint) : null;
    return {
      id: authorityNodeId(String(subject), key),
      label: String(subject),
      properties: { subject: String(subject), key_fingerprint: key, organization: textOf(organization) },
    };
  },
  Organization({ name, forms }) {
    return {
      id: namedNodeId("Organization", String(name)),
      label: String(name),
      properties: { name: String(name), forms: JSON.parse(String(forms)) as string[] },
    };
  },
  PublicKey({ fingerprint, algorithm, bits, curve }) {
    const key = hexadecimal(fingerprint as Uint8Array);
    const facts = {
      algorithm: textOf(algorithm),
      bits: typeof bits === "number" ? bits : null,
      curve: textOf(curve),
    };
    return {
      id: nodeId("PublicKey", key),
      label: `${keyName(facts)} ${shortFingerprint(key)}`,
      properties: { fingerprint: key, ...facts },
    };
  },
  Domain({ name, registrable, wildcard }) {
    return {
      id: namedNodeId("Domain", String(name)),
      label: String(name),
      properties: {
        name: String(name),
        unicode: unicodeName(String(name)),
        registrable: textOf(registrable),
        wildcard: wildcard === 1,
      },
    };
  },
  Certificate(row) {
    const fingerprint = hexadecimal(row.fingerprint as Uint8Array);
    return {
      id: nodeId("Certificate", fingerprint),
      label: textOf(row.subject) || shortFingerprint(fingerprint),
      properties: {
        fingerprint,
        subject: textOf(row.subject),
        issuer: textOf(row.issuer),
        serial_number: textOf(row.serial_number),
        not_before: timeOf(row.not_before),
        not_after: timeOf(row.not_after),
        self_signed: booleanOf(row.self_signed),
        authority: booleanOf(row.authority),
        signature_algorithm: textOf(row.signature_algorithm),
        validation_level: textOf(row.validation_level),
        addresses: Number(row.addresses),
      },
    };
  },
};

function textOf(value: Row[string] | undefined): string | null {
  return typeof value === "string" ? value : null;
}

function booleanOf(value: Row[string] | undefined): boolean | null {
  return typeof value === "number" ? value !== 0 : null;
}
