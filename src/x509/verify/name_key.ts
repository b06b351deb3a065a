import type { DistinguishedName, NameAttribute } from "../name.ts";

/**
 * A name as text that is equal for names that match (RFC 5280 7.1): string types, letter case and the number of spaces
 * do not count, nor does the order of the attributes of one relative name.
 */
export function nameKey({ relativeNames }: DistinguishedName): string {
  return JSON.stringify(relativeNames.map(relativeNameKey));
}

/** {@linkcode nameKey} of one relative name. */
export function relativeNameKey(attributes: readonly NameAttribute[]): string {
  return JSON.stringify(attributes.map(attributeKey).sort());
}

function attributeKey({ identifier, value }: NameAttribute): string {
  return `${identifier}=${value.trim().replace(/\s+/g, " ").toLowerCase()}`;
}
