import type { DatabaseSync } from "node:sqlite";
import { hexadecimal } from "../../text/mod.ts";
import type { KeyFacts } from "../key_name.ts";
import { nodeId } from "../model.ts";

/** A certificate on several addresses. */
export interface CertificateHub {
  readonly id: string;
  readonly fingerprint: string;
  readonly subject: string | null;
  readonly addresses: number;
  readonly domains: number;
}

/** A key of several certificates. */
export interface KeyHub extends KeyFacts {
  readonly id: string;
  readonly fingerprint: string;
  readonly certificates: number;
  readonly addresses: number;
  /** There are more addresses than were counted. */
  readonly more_addresses: boolean;
  /** Of one of the certificates. */
  readonly subject: string | null;
}

/** An index holds certificates by their degree, so that this takes as long on a graph of any size. */
const CERTIFICATE_HUBS = `
  SELECT fingerprint, subject, addresses,
    (SELECT count(*) FROM belongs_to WHERE certificate = certificate.id) AS domains
  FROM certificate WHERE addresses > 1 ORDER BY addresses DESC LIMIT ?`;

/** Looked at for the addresses of one key: a key can be in a million certificates. */
const ADDRESSES_COUNTED = 5_000;

const KEY_HUBS = `
  SELECT id, fingerprint, algorithm, bits, curve, certificates,
    (SELECT subject FROM certificate WHERE public_key = public_key.id LIMIT 1) AS subject
  FROM public_key WHERE certificates > 1 ORDER BY certificates DESC LIMIT ?`;

const KEY_ADDRESSES = `
  SELECT count(*) AS rows, count(DISTINCT ip) AS addresses FROM (
    SELECT serves.ip FROM certificate CROSS JOIN serves ON serves.certificate = certificate.id
    WHERE certificate.public_key = ? LIMIT ${ADDRESSES_COUNTED}
  )`;

/**
 * The certificates on most addresses, those on a single one left out. Among those of equal degree the fingerprint
 * decides who comes first, but not who is among them when the limit cuts there.
 */
export function certificateHubs(database: DatabaseSync, limit: number): CertificateHub[] {
  const rows = database.prepare(CERTIFICATE_HUBS).all(limit) as unknown as {
    readonly fingerprint: Uint8Array;
    readonly subject: string | null;
    readonly addresses: number;
    readonly domains: number;
  }[];
  const hubs = rows.map(({ fingerprint: octets, ...row }) => {
    const fingerprint = hexadecimal(octets);
    return { id: nodeId("Certificate", fingerprint), fingerprint, ...row };
  });
  return hubs.sort((a, b) => b.addresses - a.addresses || (a.fingerprint < b.fingerprint ? -1 : 1));
}

/** The keys of most certificates, those of a single one left out. */
export function keyHubs(database: DatabaseSync, limit: number): KeyHub[] {
  const rows = database.prepare(KEY_HUBS).all(limit) as unknown as {
    readonly id: number;
    readonly fingerprint: Uint8Array;
    readonly algorithm: string | null;
    readonly bits: number | null;
    readonly curve: string | null;
    readonly certificates: number;
    readonly subject: string | null;
  }[];
  const addressesOf = database.prepare(KEY_ADDRESSES);
  const hubs = rows.map(({ id, fingerprint: octets, subject, ...row }) => {
    const fingerprint = hexadecimal(octets);
    const { rows, addresses } = addressesOf.get(id) as { readonly rows: number; readonly addresses: number };
    return {
      id: nodeId("PublicKey", fingerprint),
      fingerprint,
      ...row,
      addresses,
      more_addresses: rows === ADDRESSES_COUNTED,
      subject,
    };
  });
  return hubs.sort((a, b) => b.certificates - a.certificates || (a.fingerprint < b.fingerprint ? -1 : 1));
}
