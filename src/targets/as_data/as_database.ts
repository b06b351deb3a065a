import { isIpv4 } from "../address.ts";
import { IntervalSet } from "../interval_set.ts";
import { TargetError } from "../target_error.ts";
import { type AutonomousSystem, OriginTable } from "./origin_table.ts";
import { type RangeTable, RangeTableBuilder } from "./range_table.ts";

/** What an address without an AS has: one list for all of them. */
const NO_SYSTEMS: readonly AutonomousSystem[] = [];

/** Which AS announces an address. */
export class AsDatabase {
  readonly #ipv4: RangeTable;
  readonly #ipv6: RangeTable;
  readonly #origins: readonly (readonly AutonomousSystem[])[];
  /** What is doubtful in the data, with its lines, for a person. */
  readonly warnings: readonly string[];

  constructor(
    ipv4: RangeTable,
    ipv6: RangeTable,
    origins: readonly (readonly AutonomousSystem[])[],
    warnings: readonly string[],
  ) {
    this.#ipv4 = ipv4;
    this.#ipv6 = ipv6;
    this.#origins = origins;
    this.warnings = warnings;
  }

  /**
   * The AS of the most specific prefix that holds the address: none where nothing is known, several where several
   * announce the same prefix. Addresses of one origin share the list.
   */
  find(address: bigint): readonly AutonomousSystem[] {
    return this.#origins[(isIpv4(address) ? this.#ipv4 : this.#ipv6).find(address)] ?? NO_SYSTEMS;
  }

  /** Every address whose AS, or one of them, this is; nothing for an AS that is not in the data. */
  addressesOf(number: number): IntervalSet {
    const isTheirs = this.#origins.map((systems) => systems.some((system) => system.number === number));
    const [ipv4, ipv6] = [this.#ipv4, this.#ipv6].map((table) =>
      IntervalSet.from(table.rangesOf((origin) => isTheirs[origin]!))
    );
    // A range of IPv6 that goes around IPv4-mapped addresses says nothing of IPv4.
    return IntervalSet.fromWords(ipv4!.ipv4, ipv6!.ipv6);
  }
}

/** Takes ranges in any order, nested or repeated, and makes a database of them. */
export class AsDatabaseBuilder {
  readonly #source: string;
  readonly #origins: OriginTable;
  readonly #ipv4: RangeTableBuilder;
  readonly #ipv6: RangeTableBuilder;

  /** `source` is how messages call the file. */
  constructor(source: string) {
    this.#source = source;
    this.#origins = new OriginTable(source);
    this.#ipv4 = new RangeTableBuilder(1, source);
    this.#ipv6 = new RangeTableBuilder(4, source);
  }

  /** What {@linkcode add} takes for these AS. A name is only known to be theirs where they are one. */
  originOf(numbers: readonly number[], name: string | undefined): number {
    return this.#origins.indexOf(numbers, name);
  }

  /** Adds a range of one family. `lineNumber` is for messages. */
  add(first: bigint, last: bigint, origin: number, lineNumber: number): void {
    (isIpv4(first) ? this.#ipv4 : this.#ipv6).add(first, last, origin, lineNumber);
  }

  /** @throws {TargetError} for ranges that contradict each other, and where there are none at all. */
  build(): AsDatabase {
    if (this.#ipv4.isEmpty && this.#ipv6.isEmpty) {
      throw new TargetError("Cannot use AS data: no address in it has an AS", this.#source);
    }
    const merge = (left: number, right: number) => this.#origins.merge(left, right);
    const [ipv4, ipv6] = [this.#ipv4.build(merge), this.#ipv6.build(merge)];
    return new AsDatabase(ipv4, ipv6, this.#origins.build(), [
      ...this.#ipv4.warnings,
      ...this.#ipv6.warnings,
    ]);
  }
}
