import { createHash } from "node:crypto";

/** SHA-256 of octets, 64 lower-case hexadecimal digits: the key of a certificate and of a public key. */
export function fingerprint(octets: Uint8Array): string {
  return createHash("sha256").update(octets).digest("hex");
}
