import type { DatabaseSync, StatementSync } from "node:sqlite";
import { type AutonomousSystem, ipv4ToAddress, parseAddress } from "../../targets/mod.ts";
import { IPV6_KEY_FIRST } from "../store/schema.ts";
import type { Batch } from "./batch.ts";
import { KeyTable } from "./key_table.ts";
import type { AddressValue } from "./record_values.ts";
import { RowWriter } from "./row_writer.ts";

/** Which AS announce an address. */
export type FindSystems = (address: bigint) => readonly AutonomousSystem[];

/** The numbers that addresses have in the graph. */
export type AddressIds = (address: AddressValue) => number;

/** Writes addresses, the runs in which they were seen, and their AS. */
export class AddressWriter {
  readonly #findSystems: FindSystems | undefined;
  readonly #ipv6: KeyTable;
  readonly #ipv4Rows: RowWriter;
  readonly #ipv6Rows: RowWriter;
  readonly #runRows: RowWriter;
  readonly #originRows: RowWriter;
  readonly #writeSystem: StatementSync;
  readonly #countSystems: StatementSync;
  #systemCount: number;

  constructor(database: DatabaseSync, findSystems: FindSystems | undefined) {
    this.#findSystems = findSystems;
    this.#ipv6 = new KeyTable(database, { table: "ip", column: "ipv6", idsFrom: IPV6_KEY_FIRST });
    this.#ipv4Rows = new RowWriter(database, "INSERT OR IGNORE INTO ip (id)", "(?)");
    this.#ipv6Rows = new RowWriter(database, "INSERT INTO ip (id, ipv6)", "(?, ?)");
    this.#runRows = new RowWriter(database, "INSERT OR IGNORE INTO ip_in_run (ip, run, port)", "(?, ?, ?)");
    this.#originRows = new RowWriter(database, "INSERT OR IGNORE INTO in_asn (ip, number)", "(?, ?)");
    // Files that name it differently must leave the same name, whichever comes first.
    this.#writeSystem = database.prepare(
      `INSERT INTO autonomous_system (number, name) VALUES (?, ?)
      ON CONFLICT (number) DO UPDATE SET name = excluded.name
      WHERE name IS NULL OR name < excluded.name`,
    );
    this.#countSystems = database.prepare("SELECT count(*) AS count FROM autonomous_system");
    this.#systemCount = this.#readSystemCount();
  }

  /** Returns how many addresses and AS are new in the graph, and the numbers of all addresses. */
  write(
    { openPorts, services, origins }: Batch,
    run: number,
  ): { newCount: number; newSystemCount: number; ids: AddressIds } {
    const addresses = [...openPorts, ...services, ...origins].map(({ address }) => address);
    const ipv6 = this.#ipv6.resolve(new Set(addresses.filter((address) => typeof address === "string")));
    for (const address of ipv6.fresh) this.#ipv6Rows.add(ipv6.ids.get(address)!, address);
    this.#ipv6Rows.finish();
    const ids: AddressIds = (address) => typeof address === "number" ? address : ipv6.ids.get(address)!;
    const rows = openPorts
      .map(({ address, port }) => ({ id: ids(address), address, port }))
      .sort((a, b) => a.id - b.id || a.port - b.port);
    let before = { id: -1, port: -1 };
    for (const row of rows) {
      const { id, address, port } = row;
      if (id !== before.id && typeof address === "number") this.#ipv4Rows.add(id);
      if (id !== before.id) this.addOrigins(id, address);
      if (id !== before.id || port !== before.port) this.#runRows.add(id, run, port);
      before = row;
    }
    for (const { address, system } of origins) this.#addOrigin(ids(address), system);
    this.#runRows.finish();
    const newSystemCount = this.finishOrigins();
    return { newCount: ipv6.fresh.length + this.#ipv4Rows.finish(), newSystemCount, ids };
  }

  /** Writes what is found of the AS of one address; {@linkcode finishOrigins} is to follow. */
  addOrigins(id: number, address: AddressValue): void {
    if (this.#findSystems === undefined) return;
    const number = typeof address === "number" ? ipv4ToAddress(address) : parseAddress(address);
    if (number === undefined) return;
    for (const system of this.#findSystems(number)) this.#addOrigin(id, system);
  }

  /** Returns how many AS are new in the graph since it was last asked. */
  finishOrigins(): number {
    this.#originRows.finish();
    const before = this.#systemCount;
    this.#systemCount = this.#readSystemCount();
    return this.#systemCount - before;
  }

  #readSystemCount(): number {
    return Number(this.#countSystems.get()!["count"]);
  }

  #addOrigin(id: number, { number, name }: AutonomousSystem): void {
    this.#writeSystem.run(number, name ?? null);
    this.#originRows.add(id, number);
  }
}
