/**
 * Netscape's extensions, which certificates of the 1990s carry, and those of old tools' default configuration.
 *
 * @module
 */

import { readNamedBits } from "../bit_string.ts";
import type { DerReader } from "../der.ts";
import { readString } from "../text.ts";

/** By bit, with Netscape's words. */
const CERTIFICATE_TYPES = [
  "SSLClient",
  "SSLServer",
  "SMIME",
  "objectSigning",
  "reserved",
  "SSLCA",
  "SMIMECA",
  "objectSigningCA",
];

/** Reads the value of netscape-cert-type. */
export function readNetscapeCertificateType(
  reader: DerReader,
  limit: number,
  owner: { netscapeCertificateType: readonly string[] | null },
): void {
  owner.netscapeCertificateType = readNamedBits(reader, limit, CERTIFICATE_TYPES);
}

/** Reads the value of netscape-comment. */
export function readNetscapeComment(
  reader: DerReader,
  limit: number,
  owner: { netscapeComment: string | null },
): void {
  owner.netscapeComment = readString(reader, limit);
}
