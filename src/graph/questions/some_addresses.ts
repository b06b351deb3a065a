import type { DatabaseSync } from "node:sqlite";

/** How many addresses show a certificate, and the first of them. */
export interface SomeAddresses {
  readonly addresses: number;
  readonly some_addresses: readonly string[];
}

/** Addresses that are named for each certificate. */
const ADDRESSES_NAMED = 3;

/** Tells the addresses that showed a certificate: in any run, or in the one given. */
export function addressesIn(database: DatabaseSync, run?: number): (certificate: number) => SomeAddresses {
  const found = `FROM serves WHERE certificate = ? ${run === undefined ? "" : "AND run = ?"}`;
  const count = database.prepare(`SELECT count(DISTINCT ip) AS addresses ${found}`);
  const first = database.prepare(
    `SELECT address FROM (SELECT DISTINCT ip ${found} ORDER BY ip LIMIT ${ADDRESSES_NAMED})
    JOIN ip ON ip.id = ip ORDER BY ip.id`,
  );
  return (certificate) => {
    const parameters = run === undefined ? [certificate] : [certificate, run];
    const { addresses } = count.get(...parameters) as { readonly addresses: number };
    const rows = first.all(...parameters) as { readonly address: string }[];
    return { addresses, some_addresses: rows.map(({ address }) => address) };
  };
}
