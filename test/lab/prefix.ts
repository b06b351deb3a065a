/** An IPv4 prefix as its first and last address. */
export interface Prefix {
  readonly first: number;
  readonly last: number;
}

/**
 * Reads `a.b.c.d/n`.
 *
 * @throws {RangeError} when it isn't a prefix, or has bits set behind its length.
 */
export function parsePrefix(text: string): Prefix {
  const [address, length, ...rest] = text.split("/");
  const size = /^\d{1,2}$/.test(length ?? "") && Number(length) <= 32 ? 2 ** (32 - Number(length)) : 0;
  if (size === 0 || rest.length > 0) throw new RangeError(`Cannot read prefix ${text}: expected a.b.c.d/n`);
  const first = numberOfAddress(address ?? "");
  if (first % size !== 0) throw new RangeError(`Cannot read prefix ${text}: bits are set behind its length`);
  return { first, last: first + size - 1 };
}

/**
 * The 32 bits of an IPv4 address as a number.
 *
 * @throws {RangeError} when it isn't an address.
 */
export function numberOfAddress(address: string): number {
  const octets = address.split(".");
  if (octets.length !== 4 || octets.some((octet) => !/^\d{1,3}$/.test(octet) || Number(octet) > 255)) {
    throw new RangeError(`Cannot read address ${address}: expected a.b.c.d`);
  }
  return octets.reduce((number, octet) => number * 256 + Number(octet), 0);
}

/** An IPv4 address from its 32 bits. */
export function addressOfNumber(number: number): string {
  return [number >>> 24, (number >>> 16) & 0xff, (number >>> 8) & 0xff, number & 0xff].join(".");
}
