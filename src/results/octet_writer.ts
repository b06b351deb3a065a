import { formatAddress, isIpv4 } from "../targets/mod.ts";

const DIGIT_ZERO = 0x30;
const FULL_STOP = 0x2e;

/** The longest text of one number, address or word: 2^64 in decimal has 20 digits, an IPv6 address 39 characters. */
const ITEM_OCTETS_MAX = 64;

const INITIAL_OCTETS = 64 * 1024;

/**
 * Text as it grows, in octets. Numbers and addresses are written digit by digit: a record costs less than one
 * `JSON.stringify` of it, and no garbage. Everything written is ASCII.
 */
export class OctetWriter {
  #octets = new Uint8Array(INITIAL_OCTETS);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** What was written since the last call. The writer goes on with memory of its own. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#octets.subarray(0, this.#length);
    this.#octets = new Uint8Array(this.#octets.length);
    this.#length = 0;
    return taken;
  }

  octet(value: number): void {
    this.#reserve(1);
    this.#octets[this.#length++] = value;
  }

  octets(values: Uint8Array): void {
    this.#reserve(values.length);
    // A call of `set` costs more than the few octets of a field's name.
    for (let index = 0; index < values.length; index += 1) {
      this.#octets[this.#length + index] = values[index]!;
    }
    this.#length += values.length;
  }

  text(text: string): void {
    this.#reserve(text.length);
    for (let index = 0; index < text.length; index += 1) {
      this.#octets[this.#length + index] = text.charCodeAt(index);
    }
    this.#length += text.length;
  }

  /** A whole number from 0 to 2^53 - 1. */
  decimal(value: number): void {
    this.#reserve(ITEM_OCTETS_MAX);
    this.#decimal(value);
  }

  /** A number from 0 to 2^53 - 1 divided by 10^`decimals`, with all its decimals: `fixed(1500, 3)` is `1.500`. */
  fixed(value: number, decimals: number): void {
    this.#reserve(ITEM_OCTETS_MAX);
    const scale = 10 ** decimals;
    const whole = Math.floor(value / scale);
    this.#decimal(whole);
    this.#octets[this.#length++] = FULL_STOP;
    this.#digits(value - whole * scale, decimals);
  }

  /** The last `count` digits of a whole number below 2^32, with zeros in front. */
  digits(value: number, count: number): void {
    this.#reserve(ITEM_OCTETS_MAX);
    this.#digits(value, count);
  }

  /** As {@linkcode formatAddress}. */
  address(address: bigint): void {
    if (!isIpv4(address)) return this.text(formatAddress(address));
    this.#reserve(ITEM_OCTETS_MAX);
    const value = Number(BigInt.asUintN(32, address));
    for (let shift = 24; shift > 0; shift -= 8) {
      this.#small(value >>> shift & 0xff);
      this.#octets[this.#length++] = FULL_STOP;
    }
    this.#small(value & 0xff);
  }

  /** Below 1000, the commonest numbers: no loop. */
  #small(value: number): void {
    if (value >= 100) this.#octets[this.#length++] = DIGIT_ZERO + (value / 100 | 0);
    if (value >= 10) this.#octets[this.#length++] = DIGIT_ZERO + (value / 10 | 0) % 10;
    this.#octets[this.#length++] = DIGIT_ZERO + value % 10;
  }

  #digits(value: number, count: number): void {
    let rest = value;
    for (let index = count - 1; index >= 0; index -= 1) {
      const quotient = rest / 10 >>> 0;
      this.#octets[this.#length + index] = DIGIT_ZERO + rest - quotient * 10;
      rest = quotient;
    }
    this.#length += count;
  }

  #decimal(value: number): void {
    if (value < 1000) return this.#small(value);
    // Above 2^32 a division rounds up here and there.
    if (value > 0xffff_ffff) return this.text(String(value));
    let end = this.#length;
    for (let rest = value; rest > 0; rest = rest / 10 >>> 0) end += 1;
    this.#digits(value, end - this.#length);
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#octets.length) return;
    const grown = new Uint8Array(Math.max(2 * this.#octets.length, this.#length + count));
    grown.set(this.#octets.subarray(0, this.#length));
    this.#octets = grown;
  }
}
