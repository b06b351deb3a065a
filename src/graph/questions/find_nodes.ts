import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { formatAddress, isIpv4, parseAddress } from "../../targets/mod.ts";
import { hexadecimal } from "../../text/mod.ts";
import { domainOf } from "../domain_name.ts";
import { nodeId, type NodeType, parseNodeId } from "../model.ts";
import { authorityNodeId } from "../node_ids.ts";
import { normalizeOrganization } from "../organization.ts";
import { streamRows } from "../store/stream_rows.ts";
import type { NodeReference } from "./relations.ts";

/** Nodes of one type that are looked at: more than anybody reads in a list of candidates. */
const CANDIDATES_MAX = 10;

/** Characters from which a text is taken for the beginning of a fingerprint or of a run's name. */
const BEGINNING_MIN = 4;

/**
 * The nodes that a text names: an address, a domain, a fingerprint or its beginning, `AS64500`, an organization in any
 * spelling that is taken for the same, a CA's subject, a run or its beginning, or an identifier such as `cert:9f86`.
 */
export function findNodes(database: DatabaseSync, text: string): NodeReference[] {
  const id = parseNodeId(text);
  // ca::1 is an address.
  if (id !== undefined && parseAddress(text) === undefined) return byIdentifier(database, id.type, id.key);
  return [
    ...addresses(database, text),
    ...systems(database, /^as(\d{1,10})$/i.exec(text)?.[1]),
    ...byFingerprint(database, "Certificate", text),
    ...byFingerprint(database, "PublicKey", text),
    ...runs(database, text),
    ...domains(database, text),
    ...organizations(database, normalizeOrganization(text)),
    ...authorities(database, text),
  ];
}

/** Nodes whose names hold a text, for who mistyped: some of them, by a look at every name. */
export function findSimilarNodes(database: DatabaseSync, text: string): NodeReference[] {
  const wanted = text.toLowerCase();
  const rows = (type: NodeType, table: string, column: string) =>
    references(
      database,
      type,
      `SELECT id FROM ${table} WHERE instr(lower(${column}), ?) > 0 ORDER BY length(${column}), ${column}`,
      wanted,
    );
  return [
    ...rows("Domain", "domain", "name"),
    ...rows("Organization", "organization", "name"),
    ...database.prepare(
      "SELECT text FROM distinguished_name WHERE instr(lower(text), ?) > 0 ORDER BY length(text), text LIMIT 3",
    ).all(wanted).flatMap(({ text }) => authorities(database, String(text))),
    ...rows("Certificate", "certificate", "subject"),
  ];
}

function byIdentifier(database: DatabaseSync, type: NodeType, key: string): NodeReference[] {
  switch (type) {
    case "ScanRun":
      return runs(database, decoded(key));
    case "ASN":
      return systems(database, /^\d{1,10}$/.exec(key)?.[0]);
    case "IP":
      return addresses(database, key);
    case "CA":
      return authorityByHash(database, key);
    case "Organization":
      return organizations(database, decoded(key));
    case "Domain":
      return domains(database, decoded(key));
    case "PublicKey":
    case "Certificate":
      return byFingerprint(database, type, key);
  }
}

/** What was percent-encoded for an identifier. */
function decoded(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

function addresses(database: DatabaseSync, text: string): NodeReference[] {
  const address = parseAddress(text);
  if (address === undefined) return [];
  return isIpv4(address)
    ? references(database, "IP", "SELECT id FROM ip WHERE id = ?", BigInt.asUintN(32, address))
    : references(database, "IP", "SELECT id FROM ip WHERE ipv6 = ?", formatAddress(address));
}

function systems(database: DatabaseSync, number: string | undefined): NodeReference[] {
  if (number === undefined) return [];
  return references(
    database,
    "ASN",
    "SELECT number AS id FROM autonomous_system WHERE number = ?",
    Number(number),
  );
}

function byFingerprint(
  database: DatabaseSync,
  type: "Certificate" | "PublicKey",
  text: string,
): NodeReference[] {
  const digits = text.replaceAll(":", "").toLowerCase();
  if (!/^[0-9a-f]{1,64}$/.test(digits) || digits.length < BEGINNING_MIN) return [];
  const table = type === "Certificate" ? "certificate" : "public_key";
  const [first, last] = ["0", "f"].map((digit) => octetsOf(digits.padEnd(64, digit)));
  return references(
    database,
    type,
    `SELECT id FROM ${table} WHERE fingerprint BETWEEN ? AND ? ORDER BY fingerprint`,
    first!,
    last!,
  );
}

function octetsOf(digits: string): Uint8Array {
  return Uint8Array.from(digits.match(/../g)!, (pair) => parseInt(pair, 16));
}

function runs(database: DatabaseSync, text: string): NodeReference[] {
  if (text.length < BEGINNING_MIN) return [];
  return references(
    database,
    "ScanRun",
    "SELECT id FROM run WHERE substr(name, 1, length(?)) = ? ORDER BY name",
    text,
    text,
  );
}

function domains(database: DatabaseSync, text: string): NodeReference[] {
  const domain = domainOf(text);
  return domain === null
    ? []
    : references(database, "Domain", "SELECT id FROM domain WHERE name = ?", domain.name);
}

function organizations(database: DatabaseSync, name: string): NodeReference[] {
  return references(database, "Organization", "SELECT id FROM organization WHERE name = ?", name);
}

function authorities(database: DatabaseSync, subject: string): NodeReference[] {
  const row = database.prepare("SELECT id FROM distinguished_name WHERE text = ?").get(subject);
  if (row === undefined) return [];
  const keys = database.prepare(
    `SELECT DISTINCT public_key FROM issued_by WHERE issuer = ? LIMIT ${CANDIDATES_MAX}`,
  ).all(row.id!);
  return keys.map(({ public_key }) => ({ type: "CA", key: [Number(row.id), public_key as number | null] }));
}

/** The hash can't be turned back: every CA's is computed. Its beginning is enough. */
function authorityByHash(database: DatabaseSync, hash: string): NodeReference[] {
  const keys = database.prepare(`
    SELECT DISTINCT issued_by.public_key, public_key.fingerprint
    FROM issued_by LEFT JOIN public_key ON public_key.id = issued_by.public_key WHERE issued_by.issuer = ?`);
  const found: NodeReference[] = [];
  for (const [id, text] of streamRows(database, "SELECT id, text FROM distinguished_name").rows) {
    for (const { public_key, fingerprint } of keys.all(id!)) {
      const key = fingerprint instanceof Uint8Array ? hexadecimal(fingerprint) : null;
      if (!authorityNodeId(String(text), key).startsWith(nodeId("CA", hash))) continue;
      found.push({ type: "CA", key: [Number(id), public_key as number | null] });
      if (found.length === CANDIDATES_MAX) return found;
    }
  }
  return found;
}

function references(
  database: DatabaseSync,
  type: NodeType,
  query: string,
  ...parameters: SQLInputValue[]
): NodeReference[] {
  const rows = database.prepare(`${query} LIMIT ${CANDIDATES_MAX}`).all(...parameters);
  return rows.map(({ id }) => ({ type, key: [Number(id)] }));
}
