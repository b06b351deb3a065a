/**
 * JSON text as Go's `encoding/json` writes it, and the parts that records are put together from.
 *
 * @module
 */

/** What Go escapes beside what JSON makes it, so that the text can stand inside HTML and JavaScript. */
const ESCAPED_BY_GO = /[<>&\u2028\u2029]/g;

/** The text of a plain value; members that are `undefined` are left out. */
export function jsonText(value: object | string | number): string {
  // Outside of strings none of these characters occurs.
  return JSON.stringify(value).replace(ESCAPED_BY_GO, escapeCharacter);
}

/** An object of members whose values are JSON text; those that are `undefined` are left out. */
export function jsonObject(members: Readonly<Record<string, string | undefined>>): string {
  const texts: string[] = [];
  for (const [name, text] of Object.entries(members)) {
    if (text !== undefined) texts.push(`${JSON.stringify(name)}:${text}`);
  }
  return `{${texts.join()}}`;
}

/** The list, or `undefined` for an empty one: Go's `omitempty`. */
export function nonEmpty<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length > 0 ? list : undefined;
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
