/**
 * Values of records that the log's reader doesn't look into. Each throws an `Error` that says what is wrong.
 *
 * @module
 */
import { formatAddress, isIpv4, parseAddress } from "../../targets/mod.ts";

/** An address: IPv4 as a number, IPv6 as text (RFC 5952). */
export type AddressValue = number | string;

/** An address in either form, as {@linkcode AddressValue}. */
export function addressValue(text: string): AddressValue {
  const address = parseAddress(text);
  if (address === undefined) throw new Error("its address is none");
  return isIpv4(address) ? Number(BigInt.asUintN(32, address)) : formatAddress(address);
}

/** A port of TCP. */
export function portValue(port: number): number {
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new Error("its port is none");
}

/** A SHA-256 in hexadecimal. */
export function fingerprintValue(text: string): string {
  if (/^[0-9a-f]{64}$/.test(text)) return text;
  throw new Error("a fingerprint in it is none");
}

/** A list of anything. */
export function listValue(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new Error("something else stands where it has a list");
}

/**
 * A text as SQLite gives it back. Halves of surrogate pairs, which UTF-8 cannot hold, would be stored as something else
 * than is looked for later; and what stands behind a NUL is stored, but not read.
 */
export function textValue(value: unknown): string {
  if (typeof value === "string") return value.toWellFormed().replaceAll("\0", "\u{FFFD}");
  throw new Error("something else stands where it has a text");
}

/** An even number of hexadecimal digits. */
export function octetsValue(value: unknown): string {
  if (typeof value === "string" && /^(?:[0-9a-f]{2})*$/.test(value)) return value;
  throw new Error("something else stands where it has octets");
}

/** A time in seconds since 1970; `null` for one that no calendar has. */
export function secondsValue(value: unknown): number | null {
  const milliseconds = Date.parse(textValue(value));
  return Number.isNaN(milliseconds) ? null : Math.floor(milliseconds / 1000);
}

/** What may be missing. */
export function optional<Value>(read: (value: unknown) => Value, value: unknown): Value | null {
  return value === null || value === undefined ? null : read(value);
}
