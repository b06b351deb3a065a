import { IPV4, type Ipv4Words } from "./interval_layout.ts";

/** Collects pairs of one IPv4 address and one port: millions of them, at any number of ports, in one array. */
export class PairBuilder {
  /** The address stands first, so that a pair read as one number sorts by its port, then by its address. */
  #words: Ipv4Words = IPV4.create(0);
  #count = 0;

  add(address: number, port: number): void {
    if (this.#count * 2 === this.#words.length) {
      const grown = IPV4.create(Math.max(8, this.#count * 2));
      grown.set(this.#words);
      this.#words = grown;
    }
    this.#words[this.#count * 2] = address;
    this.#words[this.#count * 2 + 1] = port;
    this.#count += 1;
  }

  /** The addresses of each port as intervals in normal form. The builder's memory goes with them: it is empty. */
  build(): Map<number, Ipv4Words> {
    const words = this.#words;
    const count = this.#count;
    this.#words = IPV4.create(0);
    this.#count = 0;
    new BigUint64Array(words.buffer, 0, count).sort();

    const byPort = new Map<number, Ipv4Words>();
    let kept = 0;
    for (let index = 0; index < count;) {
      const port = words[index * 2 + 1]!;
      const start = kept;
      // An interval takes the place of a pair, so intervals never run ahead of the pairs that they are made of.
      for (; index < count && words[index * 2 + 1] === port; index += 1) {
        const address = words[index * 2]!;
        if (kept > start && address <= words[kept * 2 - 1]! + 1) {
          words[kept * 2 - 1] = address;
        } else {
          IPV4.write(words, kept, address, address);
          kept += 1;
        }
      }
      byPort.set(port, words.subarray(start * 2, kept * 2));
    }
    return byPort;
  }
}
