import type { DatabaseSync } from "node:sqlite";
import { EDGE_TYPE_NAMES, type EdgeType, NODE_TYPES, type NodeType } from "../model.ts";

/** How much of everything is in a graph. */
export interface GraphStats {
  readonly nodes: Readonly<Record<NodeType, number>>;
  readonly edges: Readonly<Record<EdgeType, number>>;
  /** By name, which is by start. */
  readonly runs: readonly RunStats[];
}

/** One run, and what was seen in it. */
export interface RunStats {
  readonly name: string;
  readonly started: string;
  /** `null` while no end was seen. */
  readonly ended: string | null;
  readonly outcome: string | null;
  readonly targets: number;
  readonly addresses: number;
  readonly certificates: number;
}

/** CAs are the issuers that certificates name, each with each key that stands behind the name. */
const COUNTED_NODES: Readonly<Record<NodeType, string>> = {
  ScanRun: "SELECT count(*) FROM run",
  ASN: "SELECT count(*) FROM autonomous_system",
  IP: "SELECT count(*) FROM ip",
  CA: "SELECT count(*) FROM (SELECT DISTINCT issuer, public_key FROM issued_by)",
  Organization: "SELECT count(*) FROM organization",
  PublicKey: "SELECT count(*) FROM public_key",
  Domain: "SELECT count(*) FROM domain",
  Certificate: "SELECT count(*) FROM certificate",
};

const COUNTED_EDGES: Readonly<Record<EdgeType, string>> = {
  SERVES: "SELECT count(*) FROM (SELECT DISTINCT ip, certificate, port, server_name FROM serves)",
  ISSUED_BY: "SELECT count(*) FROM (SELECT DISTINCT certificate, issuer, public_key FROM issued_by)",
  BELONGS_TO: "SELECT count(*) FROM belongs_to",
  OWNED_BY: "SELECT count(*) FROM certificate WHERE organization IS NOT NULL",
  USES_KEY: "SELECT count(*) FROM certificate WHERE public_key IS NOT NULL",
  IN_ASN: "SELECT count(*) FROM in_asn",
  SEEN_IN_RUN: `SELECT (SELECT count(*) FROM (SELECT DISTINCT ip, run FROM ip_in_run))
    + (SELECT count(*) FROM certificate_in_run)`,
};

const RUNS = `
  SELECT run.name, run.started, run.ended, run.outcome, run.targets,
    coalesce(ips.count, 0) AS addresses, coalesce(certificates.count, 0) AS certificates
  FROM run
  LEFT JOIN (SELECT run, count(DISTINCT ip) AS count FROM ip_in_run GROUP BY run) AS ips ON ips.run = run.id
  LEFT JOIN (SELECT run, count(*) AS count FROM certificate_in_run GROUP BY run) AS certificates
    ON certificates.run = run.id
  ORDER BY run.name`;

/** Counts everything, which takes a pass over the graph. */
export function graphStats(database: DatabaseSync): GraphStats {
  const count = (sql: string) => Number(Object.values(database.prepare(sql).get() ?? {})[0]);
  return {
    nodes: Object.fromEntries(
      NODE_TYPES.map((type) => [type, count(COUNTED_NODES[type])]),
    ) as GraphStats["nodes"],
    edges: Object.fromEntries(
      EDGE_TYPE_NAMES.map((type) => [type, count(COUNTED_EDGES[type])]),
    ) as GraphStats["edges"],
    runs: database.prepare(RUNS).all() as unknown as RunStats[],
  };
}
