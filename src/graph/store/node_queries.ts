/**
 * How each type of node is read: one query, which gives all of them in the order of their keys or, with a condition,
 * some. First and last runs come from the runs in which a node, or what it is worked out from, was seen. The order of
 * joins is fixed (`CROSS JOIN`), so that the grouping follows an index and nothing is sorted.
 *
 * @module
 */
import { hexadecimal } from "../../text/mod.ts";
import { unicodeName } from "../../x509/mod.ts";
import { type GraphNode, nodeId, type NodeType, type PropertyValue } from "../model.ts";
import { authorityNodeId, namedNodeId } from "../node_ids.ts";

/** A row of a query, by the names of its columns. */
export type Row = Readonly<Record<string, string | number | Uint8Array | null>>;

const RUNS = "min(run.name) AS first_run, max(run.name) AS last_run";

const SEEN_CERTIFICATE = `
  CROSS JOIN certificate_in_run AS seen ON seen.certificate = certificate.id
  CROSS JOIN run ON run.id = seen.run`;

const SEEN_ADDRESS = `
  CROSS JOIN ip_in_run AS seen ON seen.ip = ip.id
  CROSS JOIN run ON run.id = seen.run`;

/** A query in its parts, between which conditions go. */
interface NodeQuery {
  readonly select: string;
  /** What a node is keyed by, as it is grouped and ordered. */
  readonly key: string;
}

/** CAs are not here: they are no rows, but follow from certificates. */
const NODE_QUERIES: Readonly<Record<Exclude<NodeType, "CA">, NodeQuery>> = {
  ScanRun: {
    select:
      `SELECT run.name, run.name AS first_run, run.name AS last_run, started, ended, outcome, margay_version, targets
      FROM run`,
    key: "run.name",
  },
  ASN: {
    select: `SELECT autonomous_system.number, autonomous_system.name, ${RUNS}
      FROM autonomous_system CROSS JOIN in_asn ON in_asn.number = autonomous_system.number
      CROSS JOIN ip_in_run AS seen ON seen.ip = in_asn.ip CROSS JOIN run ON run.id = seen.run`,
    key: "autonomous_system.number",
  },
  IP: {
    select:
      `SELECT ip.address, ip.ipv6, ${RUNS}, json_group_array(DISTINCT seen.port ORDER BY seen.port) AS ports
      FROM ip ${SEEN_ADDRESS}`,
    key: "ip.id",
  },
  Organization: {
    select: `SELECT organization.name, ${RUNS}, (
        SELECT json_group_array(form ORDER BY form) FROM organization_form WHERE organization = organization.id
      ) AS forms
      FROM organization CROSS JOIN certificate ON certificate.organization = organization.id ${SEEN_CERTIFICATE}`,
    key: "organization.name",
  },
  PublicKey: {
    select: `SELECT public_key.fingerprint, algorithm, bits, curve, ${RUNS}
      FROM public_key CROSS JOIN certificate ON certificate.public_key = public_key.id ${SEEN_CERTIFICATE}`,
    key: "public_key.fingerprint",
  },
  Domain: {
    select: `SELECT domain.name, registrable, wildcard, ${RUNS}
      FROM domain CROSS JOIN belongs_to ON belongs_to.domain = domain.id
      CROSS JOIN certificate_in_run AS seen ON seen.certificate = belongs_to.certificate
      CROSS JOIN run ON run.id = seen.run`,
    key: "domain.name",
  },
  Certificate: {
    select:
      `SELECT certificate.fingerprint, subject, distinguished_name.text AS issuer, serial_number, not_before,
        not_after, self_signed, authority, signature_algorithm, validation_level, addresses, ${RUNS}
      FROM certificate LEFT JOIN distinguished_name ON distinguished_name.id = certificate.issuer ${SEEN_CERTIFICATE}`,
    key: "certificate.fingerprint",
  },
};

/** The query for the nodes of a type that fulfil a condition, in the order of `key`: else of what they are keyed by. */
export function nodeQuery(
  type: Exclude<NodeType, "CA">,
  condition: string,
  key: string = NODE_QUERIES[type].key,
): string {
  const { select } = NODE_QUERIES[type];
  return type === "ScanRun"
    ? `${select} WHERE ${condition} ORDER BY ${key}`
    : `${select} WHERE ${condition} GROUP BY ${key} ORDER BY ${key}`;
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
    return {
      id: nodeId("PublicKey", key),
      label: `${algorithm ?? "key"} ${curve ?? bits ?? ""}`.trim() + ` ${key.slice(0, 16)}`,
      properties: {
        fingerprint: key,
        algorithm: textOf(algorithm),
        bits: bits === null ? null : Number(bits),
        curve: textOf(curve),
      },
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
      label: textOf(row.subject) || fingerprint.slice(0, 16),
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

/** Seconds since 1970 as `2026-01-31T23:59:59Z`. */
export function timeOf(seconds: Row[string] | undefined): string | null {
  if (typeof seconds !== "number") return null;
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}
