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
  const { first, length } = longestZeroRun(groups);
  // RFC 5952 section 4.2.2: a single zero group is not shortened.
  if (length < 2) return formatGroups(groups);
  return `${formatGroups(groups.slice(0, first))}::${formatGroups(groups.slice(first + length))}`;
}

function formatGroups(groups: readonly number[]): string {
  return groups.map((group) => group.toString(16)).join(":");
}

/** The first of the longest runs of zero groups. */
function longestZeroRun(groups: readonly number[]): { first: number; length: number } {
  let best = { first: 0, length: 0 };
  for (let first = 0; first < groups.length; first += 1) {
    let length = 0;
    while (groups[first + length] === 0) length += 1;
    if (length > best.length) best = { first, length };
  }
  return best;
}
