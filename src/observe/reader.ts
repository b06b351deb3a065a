import { join } from "node:path";
import { segmentName } from "./log.ts";
import { LOG_VERSION, type Observation } from "./observation.ts";
import { reasonOf } from "./reason.ts";

/** A log is not what a run writes: a line that is no record, a missing segment, a newer format. */
export class LogReadError extends Error {
  override readonly name = "LogReadError";
}

/** The end of a log that a killed run left: octets that never became a line. */
export interface TornLine {
  readonly path: string;
  /** Counted from 1. */
  readonly line: number;
  /** Where the file should have ended, in octets. */
  readonly offset: number;
}

/** How a log is read. */
export interface ReadOptions {
  /** Told of a torn last line, which is then passed over. */
  readonly onTornLine?: (torn: TornLine) => void;
}

/** What a read asks for, in octets; it doubles when a line is longer. */
const READ_BYTES = 64 * 1024;

/** Longest line that is read, in octets: a file of another kind is refused before it fills the memory. */
const LINE_BYTES = 16 * 1024 * 1024;

const NEWLINE = 0x0a;

/**
 * Reads the records of a run's folder in the order they were written, holding one read or one line at a time.
 *
 * @throws {LogReadError} with file and line, when something stands there that no run writes.
 */
export async function* readLog(folder: string, options: ReadOptions = {}): AsyncGenerator<Observation> {
  const count = await countSegments(folder);
  for (let number = 1; number <= count; number += 1) {
    const path = join(folder, segmentName(number));
    let line = 0;
    for await (const { bytes, torn, offset } of splitLines(path)) {
      line += 1;
      if (!torn) {
        const record = parseRecord(bytes, path, line);
        if (number === 1 && line === 1) checkVersion(record, path);
        yield record;
      } else if (number === count) {
        options.onTornLine?.({ path, line, offset });
      } else {
        throw new LogReadError(
          `Cannot read ${path} line ${line}: it is cut off, yet a later segment follows`,
        );
      }
    }
  }
}

async function countSegments(folder: string): Promise<number> {
  const numbers: number[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) {
      const match = /^(\d{6})\.ndjson$/.exec(entry.name);
      if (match) numbers.push(Number(match[1]));
    }
  } catch (error) {
    throw new LogReadError(`Cannot read the log in ${folder}: ${reasonOf(error)}`, { cause: error });
  }
  if (numbers.length === 0) {
    throw new LogReadError(`Cannot read the log in ${folder}: it holds no segment such as ${segmentName(1)}`);
  }
  const missing = numbers.sort((a, b) => a - b).findIndex((number, index) => number !== index + 1);
  if (missing !== -1) {
    throw new LogReadError(`Cannot read the log in ${folder}: ${segmentName(missing + 1)} is missing`);
  }
  return numbers.length;
}

interface Line {
  readonly bytes: Uint8Array;
  /** The file ends before a newline came. */
  readonly torn: boolean;
  readonly offset: number;
}

/** Lines of a file; their bytes are only valid until the next one is asked for. */
async function* splitLines(path: string): AsyncGenerator<Line> {
  using file = await Deno.open(path);
  let buffer = new Uint8Array(READ_BYTES);
  let held = 0;
  let offset = 0;
  for (;;) {
    if (held === buffer.length) buffer = grow(buffer, path);
    const length = await file.read(buffer.subarray(held));
    if (length === null) break;
    // Only what was just read can hold a newline: a long line is not searched again and again.
    let searchFrom = held;
    held += length;
    const bytes = buffer.subarray(0, held);
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE, searchFrom); end !== -1; end = bytes.indexOf(NEWLINE, searchFrom)) {
      yield { bytes: bytes.subarray(start, end), torn: false, offset: offset + start };
      start = end + 1;
      searchFrom = start;
    }
    buffer.copyWithin(0, start, held);
    held -= start;
    offset += start;
  }
  if (held > 0) yield { bytes: buffer.subarray(0, held), torn: true, offset };
}

function grow(buffer: Uint8Array, path: string): Uint8Array<ArrayBuffer> {
  if (buffer.length >= LINE_BYTES) {
    throw new LogReadError(`Cannot read ${path}: a line is longer than ${LINE_BYTES} octets`);
  }
  const larger = new Uint8Array(buffer.length * 2);
  larger.set(buffer);
  return larger;
}

const decoder = new TextDecoder("utf-8", { fatal: true });

function parseRecord(bytes: Uint8Array, path: string, line: number): Observation {
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(bytes));
  } catch (error) {
    throw new LogReadError(`Cannot read ${path} line ${line}: not JSON`, { cause: error });
  }
  if (!isRecord(value)) {
    throw new LogReadError(`Cannot read ${path} line ${line}: not a record with "type" and "time"`);
  }
  return value as Observation;
}

function isRecord(value: unknown): value is { type: string; time: string } {
  return typeof value === "object" && value !== null &&
    "type" in value && typeof value.type === "string" &&
    "time" in value && typeof value.time === "string";
}

function checkVersion(record: Observation, path: string): void {
  if (record.type !== "run" || typeof record.log_version !== "number") {
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
