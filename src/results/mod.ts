/**
 * A sweep's results: the record, its fields, the formats it is written in and the filters it goes through.
 *
 * @module
 */
export type { IcmpError, Reply, SweepRecord, Verdict } from "./record.ts";
export { type Field, findField } from "./field.ts";
export { compileFilter, EVERYTHING, type Filter, FilterError } from "./filter.ts";
export {
  createFormat,
  defaultFieldNames,
  fieldsOf,
  type Format,
  FORMAT_NAMES,
  type FormatName,
  type NamedField,
} from "./format.ts";
export {
  OutputError,
  OutputLeftError,
  RecordOutput,
  type RecordShape,
  type StreamOwner,
} from "./record_output.ts";
