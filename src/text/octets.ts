import { Buffer } from "node:buffer";

/** Octets in base64, padded (RFC 4648, 4). */
export function base64(octets: Uint8Array): string {
  return view(octets).toString("base64");
}

/** Octets in lower-case hexadecimal, two digits each. */
export function hexadecimal(octets: Uint8Array): string {
  return view(octets).toString("hex");
}

function view({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
