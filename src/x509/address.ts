import { formatIpv6Groups } from "../text/mod.ts";

/** Canonical text of an address of 4 octets (dotted quad) or 16 (RFC 5952); `null` for any other length. */
export function formatAddress(bytes: Uint8Array, start: number, end: number): string | null {
  if (end - start === 4) return formatQuad(bytes, start);
  if (end - start === 16) return formatIpv6(bytes, start);
  return null;
}

function formatQuad(bytes: Uint8Array, start: number): string {
  return `${bytes[start]}.${bytes[start + 1]}.${bytes[start + 2]}.${bytes[start + 3]}`;
}

function formatIpv6(bytes: Uint8Array, start: number): string {
  const groups: number[] = [];
  for (let index = start; index < start + 16; index += 2) groups.push(bytes[index]! << 8 | bytes[index + 1]!);

  // RFC 5952 section 5: an IPv4-mapped address shows its IPv4 part.
  if (groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0)) {
    return `::ffff:${formatQuad(bytes, start + 12)}`;
  }
  return formatIpv6Groups(groups);
}
