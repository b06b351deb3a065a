import { type NewNodes, NO_NODES, sumOf } from "../graph/builder/mod.ts";
import { formatCount, plural, printable } from "../text/mod.ts";
import { fitLine } from "./live_line.ts";
import { countTable, formatSections } from "./sections.ts";
import { Speedometer } from "./speedometer.ts";
import { formatDuration, formatShare, formatShort } from "./units.ts";

/** What has been folded. */
export interface Folded {
  /** Of files. */
  readonly octets: number;
  readonly records: number;
  readonly newNodes: NewNodes;
}

const NOTHING: Folded = { octets: 0, records: 0, newNodes: NO_NODES };

/** Counts what is folded, over several sources. */
export class FoldTally {
  readonly octetsTotal: number;
  readonly #startedAt = performance.now();
  #before = NOTHING;
  #current = NOTHING;
  #sourceCount = 0;

  constructor(octetsTotal: number) {
    this.octetsTotal = octetsTotal;
  }

  get total(): Folded {
    return add(this.#before, this.#current);
  }

  get sourceCount(): number {
    return this.#sourceCount;
  }

  get elapsedMs(): number {
    return performance.now() - this.#startedAt;
  }

  /** So many AS were new among addresses that no source has brought. */
  addSystems(systems: number): void {
    this.#before = add(this.#before, { ...NOTHING, newNodes: { ...NO_NODES, systems } });
  }

  /** How far the present source has come. */
  update(current: Folded): void {
    this.#current = current;
  }

  /** The present source, of so many octets, is done. */
  finishSource(octets: number): void {
    this.#before = add(this.#before, { ...this.#current, octets });
    this.#current = NOTHING;
    this.#sourceCount += 1;
  }
}

function add(left: Folded, right: Folded): Folded {
  return {
    octets: left.octets + right.octets,
    records: left.records + right.records,
    newNodes: sumOf(left.newNodes, right.newNodes),
  };
}

/** The live line of a builder. */
export function foldProgress(tally: FoldTally): (columns: number) => string {
  const speedometer = new Speedometer();
  return (columns) => {
    const { octets, records, newNodes } = tally.total;
    const { countPerSecond: recordsPerSecond } = speedometer.measure(records, octets, tally.elapsedMs);
    return fitLine([
      [formatShare(octets, tally.octetsTotal), 0],
      [`${formatShort(records)} records`, 3],
      [`${formatShort(recordsPerSecond)}/s`, 4],
      [`${formatShort(newNodes.addresses)} new addresses`, 2],
      [`${formatShort(newNodes.certificates)} new certificates`, 1],
    ], columns);
  };
}

/** What a builder says in the end. */
export function formatFoldSummary(graphPath: string, tally: FoldTally, isInterrupted: boolean): string[] {
  const { records, newNodes: { addresses, certificates, publicKeys, domains, organizations, systems } } =
    tally.total;
  const seconds = tally.elapsedMs / 1000;
  const isNew: readonly (readonly [number, string])[] = [
    [addresses, "addresses"],
    [certificates, "certificates"],
    [publicKeys, "public keys"],
    [domains, "domains"],
    [organizations, "organizations"],
    [systems, "autonomous systems"],
  ];
  const end = isInterrupted ? "interrupted" : "done";
  const rest = isInterrupted ? "; the same command goes on from here" : "";
  return [
    `margay: ${printable(graphPath)} ${end} in ${formatDuration(tally.elapsedMs)}${rest}`,
    ...formatSections([
      { label: "folded", lines: [`${plural(tally.sourceCount, "source")}`] },
      {
        label: "records",
        lines: records === 0
          ? []
          : [`${formatCount(records)}, ${formatCount(Math.round(records / seconds))}/s`],
      },
      { label: "new", lines: countTable(isNew.filter(([count]) => count > 0)) },
    ]),
  ];
}
