import type { PropertyKind, PropertyValue } from "../model.ts";

/** What XML 1.0 (2.2) has no place for, of well-formed text. */
const UNPRINTABLE = /[^\t\n\r\u0020-\uFFFD]/g;

/** What stands for a character that a format cannot carry. */
export const REPLACEMENT = "\u{FFFD}";

/**
 * Text from strangers for formats other than JSON: control characters, which end a string in one program and a file in
 * another, halves of characters and what is no character become U+FFFD.
 */
export function carried(text: string): string {
  return text.toWellFormed().replace(UNPRINTABLE, REPLACEMENT);
}

/** Text for a value that is no list; undefined for none, and for what its kind does not allow. */
export function scalarText(value: PropertyValue | undefined, kind: PropertyKind): string | undefined {
  if (value === null || value === undefined) return undefined;
  return kind === "integer" ? integerText(value) : carried(String(value));
}

/** In decimal, as long as a signed 64-bit integer holds it: `1e+21` is for no loader. */
function integerText(value: PropertyValue): string | undefined {
  if (typeof value !== "number" || !Number.isInteger(value) || Math.abs(value) >= 2 ** 63) return undefined;
  return BigInt(value).toString();
}

/** The texts of a list; undefined for none. */
export function listTexts(value: PropertyValue | undefined): readonly string[] | undefined {
  return Array.isArray(value) ? value.map((item) => carried(String(item))) : undefined;
}

/** `2026-11-21T17:14:20Z`, also with a fraction of a second. */
const UTC_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/;

/** A time for a column of times: undefined for what is none, such as the 30th of February. */
export function timeText(value: PropertyValue | undefined): string | undefined {
  if (typeof value !== "string" || !UTC_TIME.test(value)) return undefined;
  const time = new Date(value);
  if (Number.isNaN(time.getTime())) return undefined;
  const seconds = "YYYY-MM-DDThh:mm:ss".length;
  return time.toISOString().slice(0, seconds) === value.slice(0, seconds) ? value : undefined;
}
