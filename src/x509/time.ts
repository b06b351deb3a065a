/**
 * Times of certificates (RFC 5280 4.1.2.5): UTCTime YYMMDDHHMMSSZ and GeneralizedTime YYYYMMDDHHMMSSZ, always in
 * Zulu, always with seconds, never with fractions.
 *
 * @module
 */

import { printable } from "../text/mod.ts";
import { DerError, type DerReader, Tag } from "./der.ts";
import { decodeLatin1 } from "./text.ts";

/** UTCTime's two-digit years from here on belong to the 1900s (RFC 5280 4.1.2.5.1). */
const UTC_TIME_PIVOT = 50;

const UTC_TIME_LENGTH = 13;
const GENERALIZED_TIME_LENGTH = 15;

const DAYS_OF_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Reads a time as ISO 8601, "2049-12-31T23:59:59Z". Either type is taken for any year, as readers must; what is not a
 * time of the calendar is an error that shows the text.
 */
export function readTime(reader: DerReader, limit: number): string {
  const tag = reader.read(limit);
  if (tag !== Tag.utcTime && tag !== Tag.generalizedTime) {
    throw new DerError(`tag ${tag} where a time is expected at octet ${reader.head}`);
  }
  const { bytes, start, end } = reader;
  const length = tag === Tag.utcTime ? UTC_TIME_LENGTH : GENERALIZED_TIME_LENGTH;
  if (end - start !== length || bytes[end - 1] !== 0x5a) throw malformed(reader);

  const rest = end - 11;
  const low = twoDigits(bytes, rest - 2);
  const high = tag === Tag.generalizedTime ? twoDigits(bytes, start) : low >= UTC_TIME_PIVOT ? 19 : 20;
  const month = twoDigits(bytes, rest);
  const day = twoDigits(bytes, rest + 2);
  const hour = twoDigits(bytes, rest + 4);
  const minute = twoDigits(bytes, rest + 6);
  const second = twoDigits(bytes, rest + 8);
  // A pair that holds a non-digit is NaN, for which every comparison is false.
  const valid = high >= 0 && low >= 0 && hour <= 23 && minute <= 59 && second <= 59 &&
    day >= 1 && day <= daysOfMonth(high * 100 + low, month);
  if (!valid) throw malformed(reader);

  const text = decodeLatin1(bytes, rest - 2, end);
  return `${high < 10 ? "0" : ""}${high}${text.slice(0, 2)}-${text.slice(2, 4)}-${text.slice(4, 6)}T${
    text.slice(6, 8)
  }:${text.slice(8, 10)}:${text.slice(10, 12)}Z`;
}

function twoDigits(bytes: Uint8Array, index: number): number {
  const tens = bytes[index]! - 0x30;
  const ones = bytes[index + 1]! - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN;
}

/** Days of a month of the Gregorian calendar; NaN if there is no such month. */
function daysOfMonth(year: number, month: number): number {
  const isLeapYear = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && isLeapYear ? 29 : DAYS_OF_MONTH[month - 1] ?? NaN;
}

/** The text is shown up to a length that no sensible time exceeds. */
function malformed(reader: DerReader): DerError {
  const text = decodeLatin1(reader.bytes, reader.start, Math.min(reader.end, reader.start + 24));
  const type = reader.tag === Tag.utcTime ? "UTCTime" : "GeneralizedTime";
  return new DerError(`"${printable(text)}" is no ${type} at octet ${reader.start}`);
}
