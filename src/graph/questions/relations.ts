import type { EdgeType, NodeType } from "../model.ts";

/** What tells a node from the others of its type in one graph file: a row's number, or a CA's name and key. */
export type NodeKey = readonly [id: number] | readonly [issuer: number, publicKey: number | null];

/** A node as the store knows it. */
export interface NodeReference {
  readonly type: NodeType;
  readonly key: NodeKey;
}

/** One kind of neighbour that nodes of a type have. */
export interface Relation {
  readonly edge: EdgeType;
  /** The edge leads to the neighbour. */
  readonly isOutgoing: boolean;
  readonly to: NodeType;
  /** Gives the keys of all neighbours of the node whose key are the parameters, each once, in the order of an index. */
  readonly keys: string;
}

/** Edges into runs stand only at runs: a node's first and last run say as much, and every node hangs on them. */
export const RELATIONS: Readonly<Record<NodeType, readonly Relation[]>> = {
  ScanRun: [
    {
      edge: "SEEN_IN_RUN",
      isOutgoing: false,
      to: "IP",
      keys: "SELECT DISTINCT ip FROM ip_in_run WHERE run = ?",
    },
    {
      edge: "SEEN_IN_RUN",
      isOutgoing: false,
      to: "Certificate",
      keys: "SELECT certificate FROM certificate_in_run WHERE run = ?",
    },
  ],
  ASN: [{
    edge: "IN_ASN",
    isOutgoing: false,
    to: "IP",
    keys: "SELECT ip FROM in_asn WHERE number = ? ORDER BY ip",
  }],
  IP: [
    {
      edge: "SERVES",
      isOutgoing: true,
      to: "Certificate",
      keys: "SELECT DISTINCT certificate FROM serves WHERE ip = ? ORDER BY certificate",
    },
    {
      edge: "IN_ASN",
      isOutgoing: true,
      to: "ASN",
      keys: "SELECT number FROM in_asn WHERE ip = ? ORDER BY number",
    },
  ],
  CA: [{
    edge: "ISSUED_BY",
    isOutgoing: false,
    to: "Certificate",
    keys: "SELECT DISTINCT certificate FROM issued_by WHERE issuer = ? AND public_key IS ?",
  }],
  Organization: [{
    edge: "OWNED_BY",
    isOutgoing: false,
    to: "Certificate",
    keys: "SELECT id FROM certificate WHERE organization = ? ORDER BY id",
  }],
  PublicKey: [{
    edge: "USES_KEY",
    isOutgoing: false,
    to: "Certificate",
    keys: "SELECT id FROM certificate WHERE public_key = ? ORDER BY id",
  }],
  Domain: [{
    edge: "BELONGS_TO",
    isOutgoing: false,
    to: "Certificate",
    keys: "SELECT certificate FROM belongs_to WHERE domain = ? ORDER BY certificate",
  }],
  Certificate: [
    {
      edge: "BELONGS_TO",
      isOutgoing: true,
      to: "Domain",
      keys: `SELECT domain FROM belongs_to JOIN domain ON domain.id = belongs_to.domain WHERE certificate = ?
        ORDER BY domain.name`,
    },
    {
      edge: "OWNED_BY",
      isOutgoing: true,
      to: "Organization",
      keys: "SELECT organization FROM certificate WHERE id = ? AND organization IS NOT NULL",
    },
    {
      edge: "USES_KEY",
      isOutgoing: true,
      to: "PublicKey",
      keys: "SELECT public_key FROM certificate WHERE id = ? AND public_key IS NOT NULL",
    },
    {
      edge: "ISSUED_BY",
      isOutgoing: true,
      to: "CA",
      keys: "SELECT DISTINCT issuer, public_key FROM issued_by WHERE certificate = ?",
    },
    {
      edge: "SERVES",
      isOutgoing: false,
      to: "IP",
      keys: "SELECT DISTINCT ip FROM serves WHERE certificate = ? ORDER BY ip",
    },
  ],
};
