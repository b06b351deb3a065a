import { formatAddress, isIpv4 } from "./address.ts";

/** The addresses from `first` to `last`, both included. */
export interface Interval {
  readonly first: bigint;
  readonly last: bigint;
}

/** The block of `prefixLength` leading bits (of the 128) around `address`. */
export function fromCidr(address: bigint, prefixLength: number): Interval {
  const hostMask = (1n << BigInt(128 - prefixLength)) - 1n;
  return { first: address & ~hostMask, last: address | hostMask };
}

/** The CIDR where the interval is one, otherwise `first-last`. */
export function formatInterval(interval: Interval): string {
  if (interval.first === interval.last) return formatAddress(interval.first);
  const cidrs = intervalToCidrs(interval);
  return cidrs.length === 1 ? cidrs[0]! : `${formatAddress(interval.first)}-${formatAddress(interval.last)}`;
}

/** The fewest CIDR blocks that make up an interval of one family, as text, in order. */
export function intervalToCidrs({ first, last }: Interval): string[] {
  const cidrs: string[] = [];
  let start = first;
  while (start <= last) {
    let hostBits = 0n;
    while (hostBits < 128n && (start >> hostBits & 1n) === 0n && start + (2n << hostBits) - 1n <= last) {
      hostBits += 1n;
    }
    const familyBits = isIpv4(start) ? 32n : 128n;
    cidrs.push(`${formatAddress(start)}/${familyBits - hostBits}`);
    start += 1n << hostBits;
  }
  return cidrs;
}
