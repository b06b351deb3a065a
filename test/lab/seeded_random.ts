/** A stream of numbers in [0, 1), the same for the same seed on every machine. */
export type RandomSource = () => number;

/**
 * Mulberry32: 32 bits of state, enough to make a lab look alive and to make it again.
 *
 * @param seed any integer; its low 32 bits count.
 */
export function seededRandom(seed: number): RandomSource {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b_79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** True with the given probability. */
export function chance(random: RandomSource, probability: number): boolean {
  return random() < probability;
}

/**
 * One of the items, each as likely as the others.
 *
 * @throws {RangeError} when there are none.
 */
export function pick<Item>(random: RandomSource, items: readonly Item[]): Item {
  if (items.length === 0) throw new RangeError("Cannot pick an item: the list is empty");
  return items[Math.floor(random() * items.length)] as Item;
}
