import type { ParsedCertificate } from "./certificate.ts";

/** Seconds from `notBefore` to `notAfter`, both of which count (RFC 5280 4.1.2.5); `null` where one is unreadable. */
export function validitySeconds({ notBefore, notAfter }: ParsedCertificate): number | null {
  if (notBefore === null || notAfter === null) return null;
  return (Date.parse(notAfter) - Date.parse(notBefore)) / 1000 + 1;
}
