/** What makes a field stand in quotes (RFC 4180), and spaces that a reader might trim. */
const TO_BE_QUOTED = /[",\r\n]|^\s|\s$|^$/;

/** A field of a CSV file: nothing for no text, two quotes for an empty one. */
export function csvField(text: string | undefined): string {
  if (text === undefined) return "";
  return TO_BE_QUOTED.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A line of fields. */
export function csvLine(fields: readonly (string | undefined)[]): string {
  return `${fields.map(csvField).join(",")}\n`;
}
