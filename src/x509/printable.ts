/**
 * Names for people: what strangers put into them must not act on a terminal, nor hide what they say.
 *
 * @module
 */

import { domainToUnicode } from "node:url";

/** What would be invisible or act on a terminal, and the character that escapes it. */
const ESCAPED = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\\]/gu;

/** Text with control and format characters as `\u{...}`, NUL as `\u{0}`, and `\` as `\\`. */
export function printable(text: string): string {
  return text.replace(
    ESCAPED,
    (character) => character === "\\" ? "\\\\" : `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}

/**
 * The Unicode form of a DNS name with labels in punycode ("xn--mnchen-3ya.example": "münchen.example"), a wildcard's
 * star kept; `null` for a name that has none, or whose labels are no valid punycode (UTS #46).
 */
export function unicodeName(name: string): string | null {
  if (!/(^|\.)xn--/i.test(name)) return null;
  const isWildcard = name.startsWith("*.");
  const unicode = domainToUnicode(isWildcard ? name.slice(2) : name);
  return unicode === "" ? null : `${isWildcard ? "*." : ""}${unicode}`;
}
