/**
 * The body of a Certificate message up to TLS 1.2 (RFC 5246, 7.4.2).
 *
 * @module
 */

import { Malformed } from "./malformed.ts";

/** Certificates one chain may have. Servers that send their whole trust store stay below it. */
const CHAIN_LENGTH_MAX = 256;

/**
 * The certificates in the order they were sent, DER, as views of `body`. The list may be empty. The octets of
 * a certificate are not looked at, only the lengths around them.
 */
export function parseCertificateMessage(body: Uint8Array): Uint8Array[] | Malformed {
  if (body.length < 3 || readUint24(body, 0) !== body.length - 3) {
    return new Malformed("a certificate list that does not fill its message");
  }
  const chain: Uint8Array[] = [];
  for (let offset = 3; offset < body.length;) {
    if (chain.length === CHAIN_LENGTH_MAX) return new Malformed(`more than ${CHAIN_LENGTH_MAX} certificates`);
    const start = offset + 3;
    const end = start > body.length ? start : start + readUint24(body, offset);
    if (end > body.length) return new Malformed("a certificate that runs over the end of its list");
    if (end === start) return new Malformed("an empty certificate");
    chain.push(body.subarray(start, end));
    offset = end;
  }
  return chain;
}

function readUint24(bytes: Uint8Array, offset: number): number {
  return bytes[offset]! << 16 | bytes[offset + 1]! << 8 | bytes[offset + 2]!;
}
