/** As Gephi writes an empty list. */
const EMPTY = "<empty>";

/** A list of texts as Gephi reads it in a cell and in an attribute: `["a", "b, c"]`. */
export function gephiList(texts: readonly string[] | undefined): string | undefined {
  if (texts === undefined) return undefined;
  if (texts.length === 0) return EMPTY;
  return `[${texts.map((text) => `"${text.replace(/["\\]/g, "\\$&")}"`).join(", ")}]`;
}
