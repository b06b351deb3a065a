import { LINE_BYTES_MAX, LineCutter, NEWLINE } from "./line_cutter.ts";
import { LOG_VERSION, type Observation } from "./observation.ts";
import { hasRecord, type LineFault, parseLines } from "./parse_lines.ts";
import { LogPositionError, LogReadError } from "./read_error.ts";
import { hasSegment, listSegments, openSegment, type SegmentOctets } from "./segment.ts";

/** A place between two lines of a log. */
export interface LogPosition {
  /** Counted from 1. */
  readonly segment: number;
  /** In octets of lines: where the segment is compressed, of what it holds. */
  readonly offset: number;
}

/** Before the first line. */
export const LOG_START: LogPosition = { segment: 1, offset: 0 };

/** Records that were read at once, at least one. */
export interface LogBatch {
  readonly records: readonly Observation[];
  /** The same as they stand in the log, each with its newline; valid until the next batch is asked for. */
  readonly lines: Uint8Array;
  /** Behind the last of them: where to go on later. */
  readonly position: LogPosition;
}

/** The end of a log that a killed run or a loss of power left: octets that never became a line. */
export interface TornEnd {
  readonly path: string;
  /** Counted from 1. */
  readonly line: number;
  /** Where the file should have ended. */
  readonly offset: number;
  /** How many there are behind it. */
  readonly octets: number;
}

/** How a log is followed. */
export interface FollowOptions {
  /** Where to start; at {@linkcode LOG_START} unless given. */
  readonly from?: LogPosition;
  /**
   * Aborts when nobody writes the log any more: what is left is then read, and that was it. Without it the log is read
   * up to its present end.
   */
  readonly writerGone?: AbortSignal | undefined;
  /** Told of a torn end, which is passed over. */
  readonly onTornEnd?: ((torn: TornEnd) => void) | undefined;
}

const LONG_LINE = `a line is longer than ${LINE_BYTES_MAX} octets`;

/** How long to wait at the end of a log that is being written. */
const POLL_MS = 200;

/**
 * Reads the records of a run's folder in the order they were written, batch by batch: at most 256 KiB of lines, or one
 * line that is longer. At the end of a log that is still written it waits for more.
 *
 * @throws {LogReadError} with file and line, when something stands there that no run writes.
 * @throws {LogPositionError} when `from` is no place between two lines.
 */
export async function* followLog(folder: string, options: FollowOptions = {}): AsyncGenerator<LogBatch> {
  let position = options.from ?? LOG_START;
  await listSegments(folder);
  for (;;) {
    const octets = await openSegment(folder, position.segment);
    if (!octets) throw new LogPositionError(notThere(folder, position));
    try {
      await goTo(octets, folder, position);
      yield* new SegmentReader(folder, octets, position, options).batches();
    } finally {
      await octets.close();
    }
    position = { segment: position.segment + 1, offset: 0 };
    if (!await hasSegment(folder, position.segment)) return;
  }
}

function notThere(folder: string, { segment, offset }: LogPosition): string {
  return `Cannot go on with the log in ${folder} at octet ${offset} of segment ${segment}: no line starts there; ` +
    "read it from its start";
}

async function goTo(octets: SegmentOctets, folder: string, position: LogPosition): Promise<void> {
  if (position.offset === 0) return;
  const before = new Uint8Array(1);
  await octets.seek(position.offset - 1);
  if (await octets.read(before) === null || before[0] !== NEWLINE) {
    throw new LogPositionError(notThere(folder, position));
  }
}

/** Reads one segment to its end, which is where a next one follows or the writer is gone. */
class SegmentReader {
  readonly #folder: string;
  readonly #octets: SegmentOctets;
  readonly #segment: number;
  readonly #options: FollowOptions;
  readonly #cutter: LineCutter;
  /** Whether no line of the log has been read. */
  #isAtStart: boolean;
  /** What stands behind the last batch, at its offset in the segment. */
  #fault: LineFault | undefined;
  /** Why the octets behind the last line are none, where it was looked at. */
  #garbled: string | undefined;

  constructor(
    folder: string,
    octets: SegmentOctets,
    { segment, offset }: LogPosition,
    options: FollowOptions,
  ) {
    this.#folder = folder;
    this.#octets = octets;
    this.#segment = segment;
    this.#options = options;
    this.#cutter = new LineCutter(octets, offset);
    this.#isAtStart = segment === 1 && offset === 0;
  }

  async *batches(): AsyncGenerator<LogBatch> {
    const { writerGone } = this.#options;
    let isFollowed = false;
    let isComplete = false;
    for (;;) {
      const batch = await this.#nextBatch();
      if (batch) {
        yield batch;
      } else if (isComplete) {
        break;
      } else {
        // What says that no more will come is asked before the last look: a line written in between is not lost.
        isFollowed = await hasSegment(this.#folder, this.#segment + 1);
        isComplete = isFollowed || writerGone === undefined || writerGone.aborted;
        if (!isComplete) await pause(writerGone!);
      }
    }
    await this.#checkEnd(isFollowed);
  }

  /** Undefined at the end, or where only octets that are no line follow. */
  async #nextBatch(): Promise<LogBatch | undefined> {
    const known = this.#fault;
    if (known) return await this.#passOver(known);
    const { offset } = this.#cutter;
    const lines = await this.#cutter.next();
    if (lines === undefined) return undefined;
    if (lines === "too long") {
      return await this.#passOver({ offset, reason: LONG_LINE, isGarbled: true });
    }
    this.#garbled = undefined;
    const { records, fault } = parseLines(lines);
    if (this.#isAtStart && records.length > 0) {
      checkVersion(records[0]!, this.#octets.path);
      this.#isAtStart = false;
    }
    if (fault) {
      this.#fault = { ...fault, offset: offset + fault.offset };
      // What stands before it comes first.
      if (records.length === 0) return await this.#passOver(this.#fault);
    }
    const end = this.#fault?.offset ?? this.#cutter.offset;
    return {
      records,
      lines: lines.subarray(0, end - offset),
      position: { segment: this.#segment, offset: end },
    };
  }

  /**
   * Goes back to octets that are no line, which is right where nothing behind them is one: a loss of power leaves such
   * an end. It is the end for now, and looked at again later.
   */
  async #passOver({ offset, reason, isGarbled, cause }: LineFault): Promise<undefined> {
    if (!isGarbled || this.#isAtStart || this.#octets.isCompressed || await this.#hasLineBehind(offset)) {
      throw await this.#refusal(offset, reason, cause);
    }
    await this.#cutter.back(offset);
    this.#fault = undefined;
    this.#garbled = reason;
  }

  async #hasLineBehind(offset: number): Promise<boolean> {
    const octets = await openSegment(this.#folder, this.#segment);
    if (!octets) return false;
    try {
      await octets.seek(offset);
      const cutter = new LineCutter(octets, offset);
      for (;;) {
        const lines = await cutter.next();
        if (lines === undefined) return false;
        if (lines === "too long") {
          if (!await cutter.skipLine()) return false;
        } else if (hasRecord(lines)) {
          return true;
        }
      }
    } finally {
      await octets.close();
    }
  }

  async #checkEnd(isFollowed: boolean): Promise<void> {
    const { offset } = this.#cutter;
    const octets = await this.#countRest();
    if (octets === 0) return;
    if (isFollowed || this.#octets.isCompressed) {
      const reason = this.#garbled ?? `it is cut off${isFollowed ? ", yet a later segment follows" : ""}`;
      throw await this.#refusal(offset, reason);
    }
    const line = await this.#lineAt(offset);
    this.#options.onTornEnd?.({ path: this.#octets.path, line, offset, octets });
  }

  /** How many octets there are behind the last line. */
  async #countRest(): Promise<number> {
    if (this.#octets.isCompressed) return this.#cutter.rest;
    const bytes = new Uint8Array(64 * 1024);
    let count = 0;
    for (;;) {
      const length = await this.#octets.read(bytes);
      if (length === null) return count;
      count += length;
    }
  }

  async #refusal(offset: number, reason: string, cause?: unknown): Promise<LogReadError> {
    const line = await this.#lineAt(offset);
    // The first line of all says whose log it is.
    const wayOut = this.#segment === 1 && line === 1 ? "" : "; without that line the rest can be read";
    return new LogReadError(`Cannot read ${this.#octets.path} line ${line}: ${reason}${wayOut}`, { cause });
  }

  /** The number of the line that starts at an offset. Counted only when somebody is to be told. */
  async #lineAt(offset: number): Promise<number> {
    const octets = await openSegment(this.#folder, this.#segment);
    let line = 1;
    try {
      const bytes = new Uint8Array(64 * 1024);
      for (let left = offset; octets && left > 0;) {
        const length = await octets.read(bytes.subarray(0, left));
        if (length === null) break;
        for (const octet of bytes.subarray(0, length)) if (octet === NEWLINE) line += 1;
        left -= length;
      }
    } finally {
      await octets?.close();
    }
    return line;
  }
}

/** Waits for a moment, or until `signal` aborts. */
function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, POLL_MS);
    signal.addEventListener("abort", end);
  });
}

function checkVersion(record: Observation, path: string): void {
  if (record.type !== "run") {
    throw new LogReadError(
      `Cannot read ${path} line 1: a log starts with a "run" record, not "${record.type}"`,
    );
  }
  if (record.log_version > LOG_VERSION) {
    throw new LogReadError(
      `Cannot read ${path}: a newer margay (${record.margay_version}) wrote it in log version ` +
        `${record.log_version}, this one reads up to ${LOG_VERSION}; upgrade margay`,
    );
  }
}
