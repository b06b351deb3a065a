/**
 * Addresses of both families on one number line: 128 bits, IPv4 held IPv4-mapped (RFC 4291, 2.5.5.2:
 * `::ffff:a.b.c.d`), so that nothing above the text forms asks which family it holds.
 *
 * @module
 */
import { formatIpv6Groups } from "../text/mod.ts";

/** 0.0.0.0 and 255.255.255.255 as addresses. */
export const IPV4_FIRST = 0xffff_0000_0000n;
export const IPV4_LAST = 0xffff_ffff_ffffn;

const GROUP_COUNT = 8;
const DIGIT_ZERO = 0x30;
const FULL_STOP = 0x2e;
const COLON = 0x3a;
const LETTER_A = 0x61;
const ZERO_GROUPS: readonly number[] = new Array(GROUP_COUNT).fill(0);

/** Whether an address is IPv4, held IPv4-mapped. */
export function isIpv4(address: bigint): boolean {
  return address >= IPV4_FIRST && address <= IPV4_LAST;
}

/** The address of a 32-bit IPv4 number: 0xc0000201 is 192.0.2.1. */
export function ipv4ToAddress(value: number): bigint {
  return IPV4_FIRST + BigInt(value);
}

/**
 * Reads an address of either family; `undefined` for anything else. Strict: four decimal octets without leading
 * zeros (`010` is 8 to some programs and 10 to others), or RFC 4291 2.2 text without a zone.
 */
export function parseAddress(text: string): bigint | undefined {
  if (text.includes(":")) return parseIpv6(text);
  const value = parseIpv4(text);
  return value === undefined ? undefined : ipv4ToAddress(value);
}

/** Dotted quad for IPv4, RFC 5952 for IPv6. */
export function formatAddress(address: bigint): string {
  return isIpv4(address) ? formatIpv4(Number(address - IPV4_FIRST)) : formatIpv6(address);
}

/** `192.0.2.1:443`, or `[2001:db8::1]:443`, of an address as text. */
export function formatEndpoint(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Walks characters rather than splitting: target lists have millions of these. */
function parseIpv4(text: string): number | undefined {
  if (text.length > "255.255.255.255".length) return undefined;
  let value = 0;
  let octetCount = 0;
  let octet = 0;
  let digitCount = 0;
  for (let index = 0; index <= text.length; index += 1) {
    const code = index < text.length ? text.charCodeAt(index) : FULL_STOP;
    if (code === FULL_STOP) {
      if (digitCount === 0) return undefined;
      value = value * 256 + octet;
      octetCount += 1;
      octet = 0;
      digitCount = 0;
      continue;
    }
    const digit = code - DIGIT_ZERO;
    if (digit < 0 || digit > 9) return undefined;
    if (digitCount > 0 && octet === 0) return undefined;
    octet = octet * 10 + digit;
    digitCount += 1;
    if (octet > 255) return undefined;
  }
  return octetCount === 4 ? value : undefined;
}

/** Walks characters, as {@linkcode parseIpv4} does. */
function parseIpv6(text: string): bigint | undefined {
  const groups: number[] = [];
  let gap = text.startsWith("::") ? 0 : undefined;
  for (let index = gap === undefined ? 0 : 2; index < text.length;) {
    const start = index;
    let group = 0;
    for (let digit; index < text.length && (digit = hexDigit(text.charCodeAt(index))) >= 0; index += 1) {
      group = group * 16 + digit;
    }
    if (text.charCodeAt(index) === FULL_STOP) {
      // A dotted quad stands for the last two groups (RFC 4291, 2.2).
      const quad = parseIpv4(text.slice(start));
      if (quad === undefined) return undefined;
      groups.push(quad >>> 16, quad & 0xffff);
      break;
    }
    if (index === start || index > start + 4) return undefined;
    groups.push(group);
    if (index === text.length) break;

    if (text.charCodeAt(index) !== COLON || groups.length === GROUP_COUNT) return undefined;
    index += 1;
    if (text.charCodeAt(index) === COLON) {
      if (gap !== undefined) return undefined;
      gap = groups.length;
      index += 1;
    } else if (index === text.length) {
      return undefined;
    }
  }

  const missing = GROUP_COUNT - groups.length;
  // RFC 5952 4.2.2 lets `::` be read for a single group, never for none.
  if (gap === undefined ? missing !== 0 : missing < 1) return undefined;
  if (gap !== undefined) groups.splice(gap, 0, ...ZERO_GROUPS.slice(0, missing));
  return joinGroups(groups);
}

/** Two groups at a time as far as numbers reach: each step between bigints costs an allocation. */
function joinGroups(groups: readonly number[]): bigint {
  const word = (index: number) => BigInt(groups[index]! * 0x1_0000 + groups[index + 1]!);
  return (word(0) << 32n | word(2)) << 64n | (word(4) << 32n | word(6));
}

function hexDigit(code: number): number {
  if (code >= DIGIT_ZERO && code <= DIGIT_ZERO + 9) return code - DIGIT_ZERO;
  const letter = (code | 0x20) - LETTER_A;
  return letter >= 0 && letter < 6 ? letter + 10 : -1;
}

function formatIpv4(value: number): string {
  return `${value >>> 24}.${value >>> 16 & 0xff}.${value >>> 8 & 0xff}.${value & 0xff}`;
}

function formatIpv6(address: bigint): string {
  const groups: number[] = [];
  for (let shift = 112n; shift >= 0n; shift -= 16n) groups.push(Number(address >> shift & 0xffffn));
  return formatIpv6Groups(groups);
}
