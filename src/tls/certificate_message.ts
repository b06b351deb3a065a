/**
 * The body of a Certificate message (RFC 5246, 7.4.2; RFC 8446, 4.4.2).
 *
 * @module
 */

import { Malformed } from "./malformed.ts";
import { uint16At, uint24At } from "./octets.ts";

/** Certificates one chain may have. Servers that send their whole trust store stay below it. */
const CHAIN_LENGTH_MAX = 256;

/**
 * The certificates of a message up to TLS 1.2 in the order they were sent, DER, as views of `body`. The list may
 * be empty. The octets of a certificate are not looked at, only the lengths around them.
 */
export function parseCertificateMessage(body: Uint8Array): Uint8Array[] | Malformed {
  return parseList(body, 0, false);
}

/** As {@linkcode parseCertificateMessage}, for TLS 1.3. What is said of single certificates is passed over. */
export function parseTls13CertificateMessage(body: Uint8Array): Uint8Array[] | Malformed {
  // The context tells the answers to several requests apart; a server has none to answer.
  if (body.length < 1 || body[0] !== 0) {
    return new Malformed("a certificate message with a request's context");
  }
  return parseList(body, 1, true);
}

function parseList(body: Uint8Array, start: number, hasExtensions: boolean): Uint8Array[] | Malformed {
  const listStart = start + 3;
  if (body.length < listStart || uint24At(body, start) !== body.length - listStart) {
    return new Malformed("a certificate list that does not fill its message");
  }
  const chain: Uint8Array[] = [];
  for (let offset = listStart; offset < body.length;) {
    if (chain.length === CHAIN_LENGTH_MAX) return new Malformed(`more than ${CHAIN_LENGTH_MAX} certificates`);
    const certificateStart = offset + 3;
    const end = certificateStart + uint24At(body, offset);
    const entryEnd = hasExtensions ? end + 2 + uint16At(body, end) : end;
    // Octets beyond the body count as zeros, which keeps this true.
    if (entryEnd > body.length) return new Malformed("a certificate that runs over the end of its list");
    if (end === certificateStart) return new Malformed("an empty certificate");
    chain.push(body.subarray(certificateStart, end));
    offset = entryEnd;
  }
  return chain;
}
