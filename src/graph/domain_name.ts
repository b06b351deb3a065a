import { domainToASCII } from "node:url";
import { getDomain } from "tldts";
import { parseHostName, TargetError } from "../targets/mod.ts";

/** A DNS name of a certificate. */
export interface DomainName {
  /** In lower case and A-labels, without a final dot; a wildcard keeps its star: `*.example.org`. */
  readonly name: string;
  readonly wildcard: boolean;
  /**
   * What somebody registered, by the public suffix list: `example.co.uk` for `www.example.co.uk`. `null` where nobody
   * could: single labels (`localhost`), and public suffixes (`co.uk`).
   */
  readonly registrable: string | null;
}

/** In octets: RFC 1035, 2.3.4, as text without the final dot. */
const NAME_LENGTH_MAX = 253;
/** U-labels can be longer in UTF-16 than in A-labels, but not by much. */
const TEXT_LENGTH_MAX = 4 * NAME_LENGTH_MAX;

/** The name is checked and has its form already: the list is all that is asked of the library. */
const LIST_ALONE = {
  detectIp: false,
  extractHostname: false,
  mixedInputs: false,
  validateHostname: false,
} as const;

/**
 * Reads a common name or a subjectAltName's dNSName; `null` for what is no host name, such as addresses, e-mail
 * addresses, people, and names with a star anywhere but in front (RFC 9525, 6.3). U-labels, which do not belong into a
 * certificate but are found there, become A-labels as browsers do it (UTS #46, nontransitional); underscores are kept.
 *
 * Private suffixes count (`a.github.io` and `b.github.io` have different owners), but whoever has a certificate for one
 * of them itself is who runs it: `*.github.io` belongs to github.io.
 */
export function domainOf(raw: string): DomainName | null {
  if (raw.length > TEXT_LENGTH_MAX) return null;
  const wildcard = raw.startsWith("*.");
  const host = hostName(wildcard ? raw.slice(2) : raw);
  if (host === null) return null;
  const name = wildcard ? `*.${host}` : host;
  if (name.length > NAME_LENGTH_MAX) return null;
  return { name, wildcard, registrable: registrableDomain(host) };
}

function hostName(text: string): string | null {
  const ascii = toAscii(text);
  if (ascii === null) return null;
  try {
    return parseHostName(ascii);
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    return null;
  }
}

/** A host name never has what is refused here, and the mapping would let some of it vanish. */
function toAscii(text: string): string | null {
  // deno-lint-ignore no-control-regex
  if (/^[\x00-\x7f]*$/.test(text)) return text;
  if (/[\p{C}\p{Z}]/u.test(text)) return null;
  try {
    return domainToASCII(text) || null;
  } catch {
    // Node's gives nothing for what is no name, and Deno 2.4's throws.
    return null;
  }
}

function registrableDomain(host: string): string | null {
  return getDomain(host, { ...LIST_ALONE, allowPrivateDomains: true }) ??
    getDomain(host, { ...LIST_ALONE, allowPrivateDomains: false });
}
