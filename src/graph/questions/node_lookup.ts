import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { GraphNode } from "../model.ts";
import { nodeOf, type Row, someNodesQuery } from "../store/node_queries.ts";
import type { NodeReference } from "./relations.ts";

const authorityRun = (order: string) =>
  `(
  SELECT run.name FROM run WHERE EXISTS (
    SELECT 1 FROM issued_by CROSS JOIN certificate_in_run AS seen ON seen.certificate = issued_by.certificate
    WHERE issued_by.issuer = ? AND issued_by.public_key IS ? AND seen.run = run.id
  ) ORDER BY run.name ${order} LIMIT 1)`;

const AUTHORITY = `
  SELECT distinguished_name.text AS subject, distinguished_name.organization, public_key.fingerprint,
    ${authorityRun("ASC")} AS first_run, ${authorityRun("DESC")} AS last_run
  FROM distinguished_name LEFT JOIN public_key ON public_key.id = ? WHERE distinguished_name.id = ?`;

/** The columns of what `NodeReference.key` names. */
const KEY_COLUMNS = {
  ScanRun: "this.id",
  ASN: "autonomous_system.number",
  IP: "ip.id",
  Organization: "organization.id",
  PublicKey: "public_key.id",
  Domain: "domain.id",
  Certificate: "certificate.id",
} as const;

/** Reads single nodes. */
export class NodeLookup {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** The node, which must be there. */
  node({ type, key }: NodeReference): GraphNode {
    let statement = this.#statements.get(type);
    if (statement === undefined) {
      statement = this.#database.prepare(
        type === "CA" ? AUTHORITY : someNodesQuery(type, `${KEY_COLUMNS[type]} = ?`),
      );
      this.#statements.set(type, statement);
    }
    if (type !== "CA") return nodeOf(type, statement.get(...key) as Row);
    const [issuer, publicKey = null] = key;
    return nodeOf(type, statement.get(issuer, publicKey, issuer, publicKey, publicKey, issuer) as Row);
  }
}
