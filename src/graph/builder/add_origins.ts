import { setImmediate } from "node:timers/promises";
import type { BuilderGraph } from "../store/open_for_building.ts";
import { inTransaction } from "../store/transaction.ts";
import { AddressWriter, type FindSystems } from "./address_writer.ts";

/** How many addresses are asked for in a transaction. */
const ADDRESSES = 50_000;

/** Finds the AS of addresses that came into a graph when nobody knew them. Resolves to how many AS are new in it. */
export async function addOrigins(
  graph: BuilderGraph,
  findSystems: FindSystems,
  signal?: AbortSignal,
): Promise<number> {
  const { database } = graph;
  const next = database.prepare(
    `SELECT id, ipv6 FROM ip WHERE id > ? AND NOT EXISTS (SELECT 1 FROM in_asn WHERE in_asn.ip = ip.id)
    ORDER BY id LIMIT ${ADDRESSES}`,
  );
  const writer = new AddressWriter(database, findSystems);
  let newCount = 0;
  for (let last = -1; !signal?.aborted;) {
    const rows = next.all(last);
    if (rows.length === 0) break;
    newCount += inTransaction(graph, () => {
      for (const { id, ipv6 } of rows) {
        writer.addOrigins(Number(id), ipv6 === null ? Number(id) : String(ipv6));
      }
      return writer.finishOrigins();
    });
    last = Number(rows.at(-1)!["id"]);
    // Signals and progress have their turn.
    await setImmediate();
  }
  return newCount;
}
