import { parseBlock } from "./block.ts";
import { type Interval, IntervalSet } from "./intervals.ts";
import { readEntries, type ReadLines } from "./source.ts";
import { TargetError } from "./target_error.ts";

/** One line of a blocklist. */
export interface BlocklistEntry {
  readonly text: string;
  /** Where it stands: `blocklist.txt:3`. */
  readonly source: string;
  readonly intervals: readonly Interval[];
}

/** Addresses that are never sent to, whoever asks for them. */
export interface Blocklist {
  readonly path: string;
  readonly entries: readonly BlocklistEntry[];
  readonly addresses: IntervalSet;
}

/**
 * Reads a blocklist in ZMap's format: an address, CIDR or range a line, `#` starts a comment.
 *
 * @throws {TargetError} with the line of an entry that is wrong: skipping it would send to whom it meant.
 */
export async function readBlocklist(path: string, read: ReadLines): Promise<Blocklist> {
  const entries: BlocklistEntry[] = [];
  for await (const batch of readEntries(path, read)) {
    for (const { text, source } of batch) entries.push({ text, source, intervals: parseEntry(text, source) });
  }
  return { path, entries, addresses: IntervalSet.from(entries.flatMap((entry) => entry.intervals)) };
}

/** The entries that take something from `asked`. */
export function entriesWithin(blocklist: Blocklist, asked: IntervalSet): BlocklistEntry[] {
  return blocklist.entries.filter((entry) => !IntervalSet.from(entry.intervals).intersect(asked).isEmpty);
}

function parseEntry(text: string, source: string): readonly Interval[] {
  try {
    return parseBlock(text);
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    throw new TargetError(`Cannot parse blocklist entry "${text}": ${error.message}`, source);
  }
}
