/**
 * Turns well-formed inputs into nearly well-formed ones.
 *
 * @module
 */

import type { Random } from "./random.ts";

/** No input grows beyond this many octets. */
export const INPUT_LENGTH_MAX = 32 * 1024;

/** Mutations of one input: few, because much-changed inputs are refused at the first octet. */
const MUTATION_COUNT_MAX = 6;

/** Blocks that are inserted or spliced are at most this long. */
const BLOCK_LENGTH_MAX = 256;

/** Octets at which parsers turn: ends of ranges, sign bits, length forms of DER. */
const INTERESTING = [0x00, 0x01, 0x02, 0x16, 0x1f, 0x30, 0x7f, 0x80, 0x81, 0x82, 0x84, 0xa0, 0xfe, 0xff];

type Mutation = (input: Uint8Array, random: Random, pool: readonly Uint8Array[]) => Uint8Array;

const MUTATIONS: readonly Mutation[] = [
  flipBit,
  setOctet,
  setInteresting,
  editLength,
  editLength,
  truncate,
  insertOctets,
  duplicateBlock,
  deleteBlock,
  splice,
];

/** A new input made from one of the pool, which must hold at least one. */
export function mutate(random: Random, pool: readonly Uint8Array[]): Uint8Array {
  let input: Uint8Array = pool[random.below(pool.length)]!.slice(0, INPUT_LENGTH_MAX);
  const count = 1 + random.below(MUTATION_COUNT_MAX);
  for (let index = 0; index < count; index += 1) {
    const mutation = MUTATIONS[random.below(MUTATIONS.length)]!;
    const mutated = mutation(input, random, pool);
    if (mutated.length <= INPUT_LENGTH_MAX) input = mutated;
  }
  return input;
}

function flipBit(input: Uint8Array, random: Random): Uint8Array {
  const offset = random.below(input.length);
  return setAt(input, offset, (input[offset] ?? 0) ^ 1 << random.below(8));
}

function setOctet(input: Uint8Array, random: Random): Uint8Array {
  return setAt(input, random.below(input.length), random.below(256));
}

function setInteresting(input: Uint8Array, random: Random): Uint8Array {
  return setAt(input, random.below(input.length), INTERESTING[random.below(INTERESTING.length)]!);
}

/** Takes 1 to 4 octets for a big-endian number and makes it a little more or less, or about what is left. */
function editLength(input: Uint8Array, random: Random): Uint8Array {
  const width = 1 + random.below(4);
  const offset = random.below(input.length - width + 1);
  if (offset < 0 || offset + width > input.length) return input;
  let value = 0;
  for (let index = 0; index < width; index += 1) value = value * 256 + input[offset + index]!;
  const base = random.below(4) === 0 ? input.length - offset - width : value;
  let edited = base + random.below(9) - 4;
  for (let index = width - 1; index >= 0; index -= 1) {
    input[offset + index] = edited;
    edited = Math.floor(edited / 256);
  }
  return input;
}

function truncate(input: Uint8Array, random: Random): Uint8Array {
  return input.subarray(0, random.below(input.length + 1));
}

function insertOctets(input: Uint8Array, random: Random): Uint8Array {
  const block = new Uint8Array(1 + random.below(8));
  for (let index = 0; index < block.length; index += 1) block[index] = random.below(256);
  return replace(input, random.below(input.length + 1), 0, block);
}

function duplicateBlock(input: Uint8Array, random: Random): Uint8Array {
  return replace(input, random.below(input.length + 1), 0, pickBlock(input, random));
}

function deleteBlock(input: Uint8Array, random: Random): Uint8Array {
  const offset = random.below(input.length);
  return replace(
    input,
    offset,
    random.below(Math.min(BLOCK_LENGTH_MAX, input.length - offset) + 1),
    new Uint8Array(0),
  );
}

/** Puts a block of another input over one of this. */
function splice(input: Uint8Array, random: Random, pool: readonly Uint8Array[]): Uint8Array {
  const block = pickBlock(pool[random.below(pool.length)]!, random);
  const offset = random.below(input.length + 1);
  return replace(input, offset, Math.min(block.length, input.length - offset), block);
}

function pickBlock(from: Uint8Array, random: Random): Uint8Array {
  const start = random.below(from.length);
  return from.subarray(start, start + random.below(BLOCK_LENGTH_MAX + 1));
}

/** Outside the input, as in an empty one, nothing happens. */
function setAt(input: Uint8Array, offset: number, value: number): Uint8Array {
  input[offset] = value;
  return input;
}

function replace(input: Uint8Array, offset: number, count: number, block: Uint8Array): Uint8Array {
  const replaced = new Uint8Array(input.length - count + block.length);
  replaced.set(input.subarray(0, offset));
  replaced.set(block, offset);
  replaced.set(input.subarray(offset + count), offset + block.length);
  return replaced;
}
