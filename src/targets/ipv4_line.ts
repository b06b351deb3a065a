const NEWLINE = 0x0a;
const COLON = 0x3a;
const SLASH = 0x2f;
const HYPHEN = 0x2d;
const FULL_STOP = 0x2e;
const NUMBER_SIGN = 0x23;
const DIGIT_ZERO = 0x30;
const PORT_LAST = 65_535;

/**
 * Reads what nearly every line of a long list is, straight from its octets: an IPv4 address, CIDR or range, perhaps
 * with a port, perhaps followed by a comment. It takes nothing that the parser of targets would refuse or read
 * otherwise, and leaves to it everything else, right or wrong.
 */
export class Ipv4Line {
  /** The first and last address, as 32-bit numbers. */
  first = 0;
  last = 0;
  /** 0 where there is none. */
  port = 0;
  /** Where the next line begins. */
  end = 0;
  #octets: Uint8Array = new Uint8Array(0);
  #at = 0;

  /** Reads the line that begins at `start`, which must end with a newline. Tells whether it could. */
  read(octets: Uint8Array, start: number): boolean {
    this.#octets = octets;
    this.#at = start;
    return this.#readAddresses() && this.#readPort() && this.#readEnd();
  }

  #readAddresses(): boolean {
    const first = this.#address();
    if (first < 0) return false;
    let last = first;
    if (this.#take(SLASH)) {
      const prefixLength = this.#number(32);
      if (prefixLength < 0) return false;
      const size = 2 ** (32 - prefixLength);
      if (first % size !== 0) return false;
      last = first + size - 1;
    } else if (this.#take(HYPHEN)) {
      last = this.#address();
    }
    this.first = first;
    this.last = last;
    return last >= first;
  }

  #readPort(): boolean {
    this.port = 0;
    if (!this.#take(COLON)) return true;
    this.port = this.#number(PORT_LAST);
    return this.port > 0;
  }

  /** Blanks and a comment may stand before the end. */
  #readEnd(): boolean {
    const octets = this.#octets;
    let at = this.#at;
    while (octets[at] === 0x20 || octets[at] === 0x09 || octets[at] === 0x0d) at += 1;
    if (octets[at] === NUMBER_SIGN) at = octets.indexOf(NEWLINE, at);
    this.end = at + 1;
    return octets[at] === NEWLINE;
  }

  /** Four octets, or -1. */
  #address(): number {
    let address = 0;
    for (let index = 0; index < 4; index += 1) {
      if (index > 0 && !this.#take(FULL_STOP)) return -1;
      const octet = this.#number(255);
      if (octet < 0) return -1;
      address = address * 256 + octet;
    }
    return address;
  }

  /** A decimal number up to `max` without leading zeros, or -1. */
  #number(max: number): number {
    const octets = this.#octets;
    let at = this.#at;
    let value = octets[at]! - DIGIT_ZERO;
    if (value < 0 || value > 9) return -1;
    for (at += 1;; at += 1) {
      const digit = octets[at]! - DIGIT_ZERO;
      if (digit < 0 || digit > 9) break;
      if (value === 0) return -1;
      value = value * 10 + digit;
      if (value > max) return -1;
    }
    this.#at = at;
    return value <= max ? value : -1;
  }

  #take(octet: number): boolean {
    if (this.#octets[this.#at] !== octet) return false;
    this.#at += 1;
    return true;
  }
}
