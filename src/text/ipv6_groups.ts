/** The text of an IPv6 address by its eight groups, as RFC 5952 has it. */
export function formatIpv6Groups(groups: readonly number[]): string {
  const { first, length } = longestZeroRun(groups);
  // RFC 5952, 4.2.2: a single zero group is not shortened.
  if (length < 2) return joined(groups);
  return `${joined(groups.slice(0, first))}::${joined(groups.slice(first + length))}`;
}

function joined(groups: readonly number[]): string {
  return groups.map((group) => group.toString(16)).join(":");
}

/** RFC 5952, 4.2.3: of runs of equal length, the first. */
function longestZeroRun(groups: readonly number[]): { first: number; length: number } {
  let longest = { first: 0, length: 0 };
  for (let first = 0; first < groups.length; first += 1) {
    let length = 0;
    while (groups[first + length] === 0) length += 1;
    if (length > longest.length) longest = { first, length };
  }
  return longest;
}
