import type { DatabaseSync } from "node:sqlite";

/** How many addresses show a certificate, and the first of them. */
export interface SomeAddresses {
  readonly addresses: number;
  readonly some_addresses: readonly string[];
}

/** Addresses that are named for each certificate. */
const ADDRESSES_NAMED = 3;

/** The addresses that showed a certificate: in any run, or in the one given. */
export function addressesOf(database: DatabaseSync, certificate: number, run?: number): SomeAddresses {
  const found = `FROM serves WHERE certificate = ? ${run === undefined ? "" : "AND run = ?"}`;
  const parameters = run === undefined ? [certificate] : [certificate, run];
  const { addresses } = database.prepare(`SELECT count(DISTINCT ip) AS addresses ${found}`)
    .get(...parameters) as { readonly addresses: number };
  const rows = database.prepare(
    `SELECT address FROM (SELECT DISTINCT ip ${found} ORDER BY ip LIMIT ${ADDRESSES_NAMED})
    JOIN ip ON ip.id = ip ORDER BY ip.id`,
  ).all(...parameters) as { readonly address: string }[];
  return { addresses, some_addresses: rows.map(({ address }) => address) };
}
