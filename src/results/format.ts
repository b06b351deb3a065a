import type { Field, FieldValue } from "./field.ts";
import { FIELDS } from "./fields.ts";
import type { OctetWriter } from "./octet_writer.ts";
import type { SweepRecord } from "./record.ts";
import { ZMAP_FIELDS } from "./zmap_fields.ts";

/** What a sweep's records can be written as: margay's own fields, or ZMap's. */
export type FormatName = "ndjson" | "csv" | "zmap-csv" | "zmap-json";

/** All of them. */
export const FORMAT_NAMES: readonly FormatName[] = ["ndjson", "csv", "zmap-csv", "zmap-json"];

/** A record in text: one line each. */
export interface Format {
  /** What stands above the first record. */
  readonly header: string;
  write(record: SweepRecord, out: OctetWriter): void;
}

/** What is written of each record unless fields are named: everything that says something by itself. */
const DEFAULT_FIELDS: readonly string[] = [
  ...[
    "address",
    "port",
    "verdict",
    "time",
    "rtt",
    "ttl",
    "window",
    "ip_id",
    "options",
    "mss",
    "window_scale",
  ],
  ...["icmp_type", "icmp_code", "icmp_responder", "reason"],
];

/** The fields that a format can write. */
export function fieldsOf(format: FormatName): readonly Field[] {
  return isZmap(format) ? ZMAP_FIELDS : FIELDS;
}

/**
 * The names of the fields that a format writes by itself. ZMap writes the address alone, which tells little of a sweep
 * over several ports: the port stands beside it there.
 */
export function defaultFieldNames(format: FormatName, hasSeveralPorts: boolean): readonly string[] {
  if (!isZmap(format)) return DEFAULT_FIELDS;
  return hasSeveralPorts ? ["saddr", "sport"] : ["saddr"];
}

/** A field under the name that it is to have in the output. */
export interface NamedField {
  readonly name: string;
  readonly field: Field;
}

/** @param fields in the order of output. */
export function createFormat(format: FormatName, fields: readonly NamedField[]): Format {
  switch (format) {
    case "ndjson":
    case "zmap-json":
      return jsonFormat(fields);
    case "csv":
      return csvFormat(fields, { hasHeader: true, flags: ["false", "true"] });
    case "zmap-csv":
      // As ZMap has it: a list of one thing can be read by any program, and needs no header.
      return csvFormat(fields, { hasHeader: fields.length > 1, flags: ["0", "1"] });
  }
}

const COMMA = 0x2c;
const NEWLINE = 0x0a;
const QUOTE = 0x22;
const BRACE_LEFT = 0x7b;
const BRACE_RIGHT = 0x7d;

/** Fields that a record lacks are left out. */
function jsonFormat(fields: readonly NamedField[]): Format {
  const encoder = new TextEncoder();
  const members = fields.map(({ name, field }) => ({
    field,
    name: encoder.encode(`"${name}":`),
    write: valueWriter(field, { isQuoted: true, flags: ["false", "true"] }),
  }));
  return {
    header: "",
    write(record, out) {
      let separator = BRACE_LEFT;
      for (const { field, name, write } of members) {
        const value = field.write ? WRITTEN : field.value(record);
        if (value === undefined) continue;
        out.octet(separator);
        out.octets(name);
        write(value, record, out);
        separator = COMMA;
      }
      if (separator === BRACE_LEFT) out.octet(BRACE_LEFT);
      out.octet(BRACE_RIGHT);
      out.octet(NEWLINE);
    },
  };
}

interface CsvShape {
  readonly hasHeader: boolean;
  /** The words for false and true. */
  readonly flags: readonly [string, string];
}

/** Fields that a record lacks are empty. */
function csvFormat(fields: readonly NamedField[], { hasHeader, flags }: CsvShape): Format {
  const columns = fields.map(({ field }) => ({
    field,
    write: valueWriter(field, { isQuoted: false, flags }),
  }));
  return {
    header: hasHeader ? `${fields.map(({ name }) => name).join(",")}\n` : "",
    write(record, out) {
      columns.forEach(({ field, write }, index) => {
        if (index > 0) out.octet(COMMA);
        const value = field.write ? WRITTEN : field.value(record);
        if (value !== undefined) write(value, record, out);
      });
      out.octet(NEWLINE);
    },
  };
}

/** Stands for the value of a field that writes itself. */
const WRITTEN = true;

interface ValueShape {
  /** Whether text and addresses stand in quotes. */
  readonly isQuoted: boolean;
  readonly flags: readonly [string, string];
}

type WriteValue = (value: NonNullable<FieldValue>, record: SweepRecord, out: OctetWriter) => void;

/** No value needs escaping: see {@linkcode Field.kind}. */
function valueWriter(field: Field, { isQuoted, flags }: ValueShape): WriteValue {
  const { kind, decimals } = field;
  switch (kind) {
    case "number":
      return decimals === undefined
        ? (value, _record, out) => out.decimal(value as number)
        : (value, _record, out) => out.fixed(value as number, decimals);
    case "flag":
      return (value, _record, out) => out.text(flags[value ? 1 : 0]);
    case "text":
      return quoted(
        field.write
          ? (_value, record, out) => field.write!(record, out)
          : (value, _record, out) => out.text(value as string),
        isQuoted,
      );
    case "address":
      return quoted((value, _record, out) => out.address(value as bigint), isQuoted);
  }
}

function quoted(write: WriteValue, isQuoted: boolean): WriteValue {
  if (!isQuoted) return write;
  return (value, record, out) => {
    out.octet(QUOTE);
    write(value, record, out);
    out.octet(QUOTE);
  };
}

function isZmap(format: FormatName): boolean {
  return format.startsWith("zmap-");
}
