import { domainToUnicode } from "node:url";

/**
 * The Unicode form of a DNS name with labels in punycode ("xn--mnchen-3ya.example": "münchen.example"), a wildcard's
 * star kept; `null` for a name that has none, or whose labels are no valid punycode (UTS #46).
 */
export function unicodeName(name: string): string | null {
  if (!/(^|\.)xn--/i.test(name)) return null;
  const isWildcard = name.startsWith("*.");
  const unicode = domainToUnicode(isWildcard ? name.slice(2) : name);
  // Runtimes differ: Node gives nothing for what is no punycode, Deno puts U+FFFD in its place.
  if (unicode === "" || unicode.includes("\ufffd")) return null;
  return isWildcard ? `*.${unicode}` : unicode;
}
