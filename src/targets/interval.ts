import { formatAddress, isIpv4, parseAddress } from "./address.ts";

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

/**
 * Reads an address or a CIDR, whatever the bits behind its prefix are: `192.0.2.9/24` is 192.0.2.0/24. `undefined` for
 * anything else.
 */
export function parsePrefix(text: string): Interval | undefined {
  const [, addressText = "", digits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const address = parseAddress(addressText);
  if (address === undefined) return undefined;
  const familyBits = isIpv4(address) ? 32 : 128;
  const length = digits === undefined ? familyBits : Number(digits);
  return length > familyBits ? undefined : fromCidr(address, 128 - familyBits + length);
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
