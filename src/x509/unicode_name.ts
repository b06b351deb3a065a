import { domainToUnicode } from "node:url";

/**
 * What no name may show: invisible characters, those that act on a terminal, and U+FFFD, which Deno puts in the place
 * of labels that are no punycode. (Node gives nothing at all for such a name.)
 */
const REFUSED = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\ufffd]/u;

/**
 * The Unicode form of a DNS name with labels in punycode ("xn--mnchen-3ya.example": "münchen.example"), a wildcard's
 * star kept; `null` for a name that has none, or whose labels are no valid punycode (UTS #46). It is safe on a
 * terminal.
 */
export function unicodeName(name: string): string | null {
  if (!/(^|\.)xn--/i.test(name)) return null;
  const isWildcard = name.startsWith("*.");
  const unicode = domainToUnicode(isWildcard ? name.slice(2) : name);
  if (unicode === "" || REFUSED.test(unicode)) return null;
  return isWildcard ? `*.${unicode}` : unicode;
}
