import { readNamedBits } from "../bit_string.ts";
import type { DerReader } from "../der.ts";

/** By bit (RFC 5280 4.2.1.3). */
const KEY_USAGES = [
  "digitalSignature",
  "nonRepudiation",
  "keyEncipherment",
  "dataEncipherment",
  "keyAgreement",
  "keyCertSign",
  "cRLSign",
  "encipherOnly",
  "decipherOnly",
];

/** Reads the value of the extension. */
export function readKeyUsage(
  reader: DerReader,
  limit: number,
  owner: { keyUsage: readonly string[] | null },
): void {
  owner.keyUsage = readNamedBits(reader, limit, KEY_USAGES);
}
