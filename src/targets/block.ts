import { formatAddress, IPV4_FIRST, IPV4_LAST, isIpv4, parseAddress } from "./address.ts";
import { formatInterval, fromCidr, type Interval } from "./interval.ts";
import { IntervalSet, IPV4_ADDRESSES } from "./interval_set.ts";
import { parsePattern } from "./pattern.ts";
import { TargetError } from "./target_error.ts";

/**
 * Reads an address, a CIDR (`10.0.0.0/8`) or a range (`10.0.0.1-10.0.0.9`), both families, or an IPv6 pattern
 * ({@linkcode parsePattern}). One interval, except for patterns and for an IPv6 block around `::ffff:0:0/96`.
 *
 * @throws {TargetError} with the reason alone.
 */
export function parseBlock(text: string): readonly Interval[] {
  const intervals = parseIntervals(text);
  return text.includes(":") ? withoutIpv4Mapped(intervals) : intervals;
}

function parseIntervals(text: string): readonly Interval[] {
  if (text.includes("/")) return [parseCidr(text)];
  if (text.includes("-")) return parsePattern(text) ?? [parseRange(text)];
  const address = requireAddress(text);
  return [{ first: address, last: address }];
}

function parseCidr(text: string): Interval {
  const slash = text.indexOf("/");
  const address = requireAddress(text.slice(0, slash));
  const digits = text.slice(slash + 1);
  const familyBits = text.includes(":") ? 128 : 32;
  const length = Number(digits);
  if (!/^(0|[1-9]\d{0,2})$/.test(digits) || length > familyBits) {
    throw new TargetError(`the prefix length "${digits}" is not a number from 0 to ${familyBits}`);
  }
  const block = fromCidr(address, 128 - familyBits + length);
  if (block.first !== address) {
    throw new TargetError(
      `${formatAddress(address)} is not the first address of its /${length}; ` +
        `did you mean ${formatAddress(block.first)}/${length} or ${formatAddress(address)}/${familyBits}?`,
    );
  }
  return block;
}

function parseRange(text: string): Interval {
  const hyphen = text.indexOf("-");
  const first = requireAddress(text.slice(0, hyphen), text);
  const last = requireAddress(text.slice(hyphen + 1), text);
  if (isIpv4(first) !== isIpv4(last)) throw new TargetError("a range cannot mix IPv4 and IPv6");
  if (first > last) {
    throw new TargetError(`the range runs backwards; write ${formatAddress(last)}-${formatAddress(first)}`);
  }
  return { first, last };
}

/** `context` tells which family was meant. */
function requireAddress(text: string, context = text): bigint {
  const address = parseAddress(text);
  if (address !== undefined) return address;
  throw new TargetError(
    context.includes(":")
      ? `"${text}" is no IPv6 address`
      : `"${text}" is no IPv4 address (four numbers from 0 to 255, without leading zeros)`,
  );
}

/**
 * `::/0` is all of IPv6 and nothing of IPv4, though `::ffff:0:0/96` is where IPv4 is held. The registry says the same
 * of that block: it is not a destination (RFC 4291, 2.5.5.2).
 */
function withoutIpv4Mapped(intervals: readonly Interval[]): readonly Interval[] {
  if (intervals.every(({ first, last }) => last < IPV4_FIRST || first > IPV4_LAST)) return intervals;
  const rest = [...IntervalSet.from(intervals).subtract(IPV4_ADDRESSES)];
  if (rest.length === 0) {
    const more = intervals.length === 1 ? "" : " and so on";
    throw new TargetError(
      `an IPv4-mapped IPv6 address is not one to send to; write ${formatInterval(intervals[0]!)}${more}`,
    );
  }
  return rest;
}
