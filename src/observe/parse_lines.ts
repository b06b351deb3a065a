import { NEWLINE } from "./line_cutter.ts";
import type { Observation } from "./observation.ts";
import { recordFault } from "./record_fields.ts";

/** What whole lines hold. */
export interface ParsedLines {
  readonly records: readonly Observation[];
  /** The first line that is no record; those behind it were not looked at. */
  readonly fault?: LineFault;
}

/** A line that no run writes. */
export interface LineFault {
  /** Where it starts. */
  readonly offset: number;
  readonly reason: string;
  /** Whether it is not even JSON, which can be what a loss of power left. */
  readonly isGarbled: boolean;
  readonly cause?: unknown;
}

// A byte order mark is no part of JSON.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Parses lines, each with its end. */
export function parseLines(lines: Uint8Array): ParsedLines {
  return parseTogether(lines) ?? parseOneByOne(lines);
}

/** Decodes all lines at once, which takes half the time; undefined when one of them is no record. */
function parseTogether(lines: Uint8Array): ParsedLines | undefined {
  const records: Observation[] = [];
  try {
    const text = decoder.decode(lines);
    let start = 0;
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", start)) {
      const value: unknown = JSON.parse(text.slice(start, end));
      if (recordFault(value) !== undefined) return undefined;
      records.push(value as Observation);
      start = end + 1;
    }
  } catch {
    return undefined;
  }
  return { records };
}

function parseOneByOne(lines: Uint8Array): ParsedLines {
  const records: Observation[] = [];
  let offset = 0;
  for (let end = lines.indexOf(NEWLINE); end !== -1; end = lines.indexOf(NEWLINE, offset)) {
    let value: unknown;
    try {
      value = JSON.parse(decoder.decode(lines.subarray(offset, end)));
    } catch (cause) {
      return { records, fault: { offset, reason: "not JSON", isGarbled: true, cause } };
    }
    const reason = recordFault(value);
    if (reason !== undefined) return { records, fault: { offset, reason, isGarbled: false } };
    records.push(value as Observation);
    offset = end + 1;
  }
  return { records };
}

/** Whether one of these lines, each with its end, is a record. */
export function hasRecord(lines: Uint8Array): boolean {
  let start = 0;
  for (let end = lines.indexOf(NEWLINE); end !== -1; end = lines.indexOf(NEWLINE, start)) {
    // What no record begins with need not be parsed: there can be a great deal of it.
    if (lines[start] === OPENING_BRACE && parseLines(lines.subarray(start, end + 1)).records.length > 0) {
      return true;
    }
    start = end + 1;
  }
  return false;
}

const OPENING_BRACE = 0x7b;
