const TEXT_BYTES_MAX = 2_048;
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** A message as it grows, octet by octet. */
export class Octets {
  #bytes = new Uint8Array(256);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** All of it. Valid until the next `push`. */
  get view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  push(octet: number): void {
    if (this.#length === this.#bytes.length) {
      const bytes = new Uint8Array(2 * this.#length);
      bytes.set(this.#bytes);
      this.#bytes = bytes;
    }
    this.#bytes[this.#length++] = octet;
  }

  clear(): void {
    this.#length = 0;
  }

  /** Its first 2,048 octets as UTF-8; what is none becomes U+FFFD. */
  text(): string {
    return textOf(this.view);
  }
}

/** The first 2,048 octets as UTF-8; what is none becomes U+FFFD. */
export function textOf(bytes: Uint8Array): string {
  return utf8.decode(bytes.subarray(0, TEXT_BYTES_MAX));
}
