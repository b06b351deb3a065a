import { ipv4ToAddress } from "./address.ts";
import { parseBlock } from "./block.ts";
import { formatInterval, type Interval } from "./interval.ts";
import { IntervalSet, IntervalSetBuilder } from "./interval_set.ts";
import { type ListReader, readList } from "./list.ts";
import { type ReadOctets, sourceName } from "./source.ts";
import { TargetError } from "./target_error.ts";

/** One line of a blocklist. */
export interface BlocklistEntry {
  readonly text: string;
  readonly lineNumber: number;
  readonly intervals: readonly Interval[];
}

/** Addresses that are never sent to, whoever asks for them. */
export class Blocklist {
  readonly path: string;
  readonly addresses: IntervalSet;
  readonly #entries: BlocklistReader;

  private constructor(path: string, entries: BlocklistReader) {
    this.path = path;
    this.addresses = entries.addresses.build();
    this.#entries = entries;
  }

  /**
   * Reads a blocklist in ZMap's format: an address, CIDR or range a line, `#` starts a comment.
   *
   * @throws {TargetError} with the line of an entry that is wrong: skipping it would send to whom it meant.
   */
  static async read(path: string, read: ReadOctets): Promise<Blocklist> {
    const entries = new BlocklistReader();
    await readList(path, read, entries);
    return new Blocklist(path, entries);
  }

  /** The entries that take something from `asked`, in the order of their lines. */
  entriesWithin(asked: IntervalSet): BlocklistEntry[] {
    return [...this.#entries.all()]
      .filter(({ intervals }) => !IntervalSet.from(intervals).intersect(asked).isEmpty)
      .sort((a, b) => a.lineNumber - b.lineNumber);
  }

  /** Where an entry stands: `blocklist.txt:3`. */
  source({ lineNumber }: BlocklistEntry): string {
    return `${sourceName(this.path)}:${lineNumber}`;
  }
}

class BlocklistReader implements ListReader {
  readonly addresses = new IntervalSetBuilder();
  /** First, last and line number in turn: a third of what objects would take. */
  readonly #ipv4: number[] = [];
  readonly #others: BlocklistEntry[] = [];

  takeIpv4(first: number, last: number, port: number, lineNumber: number): boolean {
    if (port !== 0) return false;
    this.addresses.addIpv4(first, last);
    this.#ipv4.push(first, last, lineNumber);
    return true;
  }

  take(text: string, lineNumber: number): void {
    const intervals = parseEntry(text);
    for (const interval of intervals) this.addresses.add(interval);
    this.#others.push({ text, lineNumber, intervals });
  }

  *all(): Generator<BlocklistEntry> {
    for (let index = 0; index < this.#ipv4.length; index += 3) {
      const interval = {
        first: ipv4ToAddress(this.#ipv4[index]!),
        last: ipv4ToAddress(this.#ipv4[index + 1]!),
      };
      yield {
        text: formatInterval(interval),
        lineNumber: this.#ipv4[index + 2]!,
        intervals: [interval],
      };
    }
    yield* this.#others;
  }
}

function parseEntry(text: string): readonly Interval[] {
  try {
    return parseBlock(text);
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    throw new TargetError(`Cannot parse blocklist entry "${text}": ${error.message}`);
  }
}
