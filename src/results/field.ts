import type { OctetWriter } from "./octet_writer.ts";
import type { SweepRecord } from "./record.ts";

/** What a field holds; undefined when the record has no such thing. */
export type FieldValue = number | string | bigint | boolean | undefined;

/** One column of what a sweep writes, and one name in a filter. */
export interface Field {
  readonly name: string;
  /** One line, for people. */
  readonly description: string;
  /**
   * What {@linkcode value} gives: a whole number from 0 to 2^53 - 1, text of printable ASCII without quotes,
   * backslashes and commas, an address, true or false.
   */
  readonly kind: "number" | "text" | "address" | "flag";
  /** The number is divided by 10 to this power before people see it: 3 for microseconds shown as milliseconds. */
  readonly decimals?: number;
  /** All the texts there are, where they are few. */
  readonly words?: readonly string[];
  value(record: SweepRecord): FieldValue;
  /** Writes what {@linkcode value} gives, where that costs less. Only of texts that every record has. */
  write?(record: SweepRecord, out: OctetWriter): void;
}

/**
 * The field of this name. ZMap 2 wrote some of its names with dashes, which are taken for underscores.
 *
 * @returns undefined when there is none.
 */
export function findField(fields: readonly Field[], name: string): Field | undefined {
  const plain = name.replaceAll("-", "_");
  return fields.find((field) => field.name === plain);
}
