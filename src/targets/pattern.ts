import { formatCount } from "../text/mod.ts";
import type { Interval } from "./interval.ts";
import { TargetError } from "./target_error.ts";

const GROUP_COUNT = 8;
const GROUP_LAST = 0xffff;
/** Each takes 32 octets in a set; a pattern with more is a slip of the pen rather than a wish. */
const INTERVAL_COUNT_MAX = 1_000_000n;

interface GroupRange {
  readonly first: number;
  readonly last: number;
}

/**
 * Reads an IPv6 address of which some groups are ranges: `2001:db8:0-ff::1-1f` stands for 256 x 31 addresses. They
 * come as few intervals as possible, in order. `undefined` for what is no such pattern.
 *
 * @throws {TargetError} with the reason alone, for a range that runs backwards and for more than a million intervals.
 */
export function parsePattern(text: string): readonly Interval[] | undefined {
  const groups = parseGroups(text);
  if (groups === undefined) return undefined;

  // The last group that is not free is where intervals begin and end; the groups behind it fill them up.
  let tail = GROUP_COUNT - 1;
  while (tail > 0 && groups[tail]!.first === 0 && groups[tail]!.last === GROUP_LAST) tail -= 1;
  const heads = groups.slice(0, tail);
  const count = heads.reduce((product, { first, last }) => product * BigInt(last - first + 1), 1n);
  if (count > INTERVAL_COUNT_MAX) {
    throw new TargetError(
      `the pattern has ${formatCount(count)} intervals, and at most ` +
        `${formatCount(INTERVAL_COUNT_MAX)} are possible; make its ranges smaller`,
    );
  }

  const freeBits = BigInt(16 * (GROUP_COUNT - 1 - tail));
  let prefixes = [0n];
  for (const range of heads) {
    const values = expand(range);
    prefixes = prefixes.flatMap((prefix) => values.map((value) => prefix << 16n | value));
  }
  const { first, last } = groups[tail]!;
  return prefixes.map((prefix) => ({
    first: (prefix << 16n | BigInt(first)) << freeBits,
    last: ((prefix << 16n | BigInt(last)) + 1n << freeBits) - 1n,
  }));
}

/** All eight groups, or `undefined`. */
function parseGroups(text: string): GroupRange[] | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail = []] = halves.map((half) => half === "" ? [] : half.split(":"));
  const missing = GROUP_COUNT - head!.length - tail.length;
  // Counted before any group is looked at: in a range from address to address, one "group" spans the hyphen.
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head!, ...new Array<string>(missing).fill("0"), ...tail].map(parseGroup);
  return groups.every((group) => group !== undefined) ? groups : undefined;
}

function parseGroup(text: string): GroupRange | undefined {
  const match = /^([0-9a-f]{1,4})(?:-([0-9a-f]{1,4}))?$/i.exec(text);
  if (!match) return undefined;
  const [, low, high = low] = match;
  const [first, last] = [parseInt(low!, 16), parseInt(high!, 16)];
  if (first > last) throw new TargetError(`the range ${text} runs backwards; write ${high}-${low}`);
  return { first, last };
}

function expand({ first, last }: GroupRange): bigint[] {
  return Array.from({ length: last - first + 1 }, (_, offset) => BigInt(first + offset));
}
