/**
 * The MaxMind DB file format, version 2.0, as far as AS data needs it. The file is foreign: whatever its octets are, a
 * reader ends, in time that grows with the file alone, with what is in it or with a TargetError.
 *
 * @module
 */
import { IPV4_FIRST } from "../address.ts";
import { TargetError } from "../target_error.ts";
import type { AsDatabaseBuilder } from "./as_database.ts";
import { parseAsNumbers } from "./origin_table.ts";

/** "\xab\xcd\xefMaxMind.com": its last occurrence stands before the metadata. */
const MARKER = Uint8Array.of(0xab, 0xcd, 0xef, ...new TextEncoder().encode("MaxMind.com"));
/** The metadata with its marker is no longer. */
const METADATA_SIZE_MAX = 128 * 1024;
/** Between the search tree and the data. */
const SEPARATOR_SIZE = 16;

/** Types of fields. */
const POINTER = 1;
const TEXT = 2;
const UINT16 = 5;
const UINT32 = 6;
const MAP = 7;
const UINT64 = 9;
const ARRAY = 11;
const BOOLEAN = 14;

/** How many fields one record, or the metadata, may have: real ones have some dozens. */
const FIELD_COUNT_MAX = 4096;
/** Records may share what they point to, but no more fields and octets of texts are read than this for each octet. */
const READS_PER_OCTET_MAX = 16;
/** In octets: longer texts, which records could share, are no name and no number. */
const TEXT_SIZE_MAX = 4096;
/** A tree has each node once. Some writers let equal branches share theirs, which takes more visits than nodes. */
const VISITS_PER_NODE_MAX = 4;

/** Names of fields: MaxMind's own, then those of others. */
const NUMBER_FIELDS = ["autonomous_system_number", "asn", "as_number"];
const NAME_FIELDS = ["autonomous_system_organization", "as_name", "name", "org"];

type Scalar = string | number;

interface Field {
  readonly type: number;
  /** In octets; for maps and arrays the number of entries, for a pointer what it points to. */
  readonly size: number;
  /** Where the payload starts. */
  readonly start: number;
}

/**
 * Adds every range of the file that has an AS.
 *
 * @throws {TargetError} where the file is no MaxMind DB, is damaged, or holds no AS numbers.
 */
export function readMaxMind(octets: Uint8Array, source: string, builder: AsDatabaseBuilder): void {
  try {
    new MaxMindTree(octets, builder).walk();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new TargetError(`Cannot read AS data: ${error.message}`, source);
  }
}

class FormatError extends Error {}

class MaxMindTree {
  readonly #octets: Uint8Array;
  readonly #builder: AsDatabaseBuilder;
  readonly #data: MaxMindData;
  readonly #nodeCount: number;
  readonly #recordSize: number;
  readonly #bitCount: number;
  /** The origin at each offset of the data that was met: few, for many ranges. */
  readonly #origins = new Map<number, number>();
  /** The node below which IPv4 is. Other branches that lead there (6to4, IPv4-mapped) are the same addresses again. */
  #ipv4Root: number | undefined;
  #visitCount = 0;

  constructor(octets: Uint8Array, builder: AsDatabaseBuilder) {
    this.#octets = octets;
    this.#builder = builder;
    const marker = lastIndexOf(octets, MARKER, Math.max(0, octets.length - METADATA_SIZE_MAX));
    if (marker < 0) {
      throw new FormatError("it is neither text nor a whole MaxMind DB, which ends in its metadata");
    }
    const metadata = new MaxMindData(octets.subarray(marker + MARKER.length)).scalars(0);
    const number = (name: string) => {
      const value = metadata.get(name);
      if (typeof value !== "number") throw new FormatError(`its metadata has no ${name}`);
      return value;
    };
    const version = number("binary_format_major_version");
    if (version !== 2) {
      throw new FormatError(`it is in version ${version} of the MaxMind DB format, and 2 is known`);
    }
    this.#nodeCount = number("node_count");
    this.#recordSize = number("record_size");
    this.#bitCount = number("ip_version") === 4 ? 32 : 128;
    if (![24, 28, 32].includes(this.#recordSize)) {
      throw new FormatError(`its search tree has records of ${this.#recordSize} bits, and not 24, 28 or 32`);
    }
    const treeSize = this.#nodeCount * this.#recordSize / 4;
    if (this.#nodeCount === 0 || treeSize + SEPARATOR_SIZE > marker) {
      throw new FormatError(`its search tree of ${this.#nodeCount} nodes has no place in it`);
    }
    this.#data = new MaxMindData(octets.subarray(treeSize + SEPARATOR_SIZE, marker));
  }

  walk(): void {
    if (this.#bitCount === 32) return this.#walk(0, 0, 0n, 32, IPV4_FIRST);
    // IPv4 stands at ::/96.
    let root: number | undefined = 0;
    for (let depth = 0; depth < 96 && root !== undefined; depth += 1) {
      const record = this.#record(root, 0);
      root = record < this.#nodeCount ? record : undefined;
    }
    if (root !== undefined) this.#walk(root, 0, 0n, 32, IPV4_FIRST);
    this.#ipv4Root = root;
    this.#walk(0, 0, 0n, 128, 0n);
  }

  /** `prefix` has the `depth` bits that led to the node, of `bitCount` that an address has. */
  #walk(node: number, depth: number, prefix: bigint, bitCount: number, base: bigint): void {
    this.#visitCount += 1;
    if (depth === bitCount || this.#visitCount > VISITS_PER_NODE_MAX * this.#nodeCount) {
      throw new FormatError("its search tree goes in circles");
    }
    for (const bit of [0, 1] as const) {
      const record = this.#record(node, bit);
      if (record === this.#nodeCount || record === this.#ipv4Root) continue;
      const longer = prefix << 1n | BigInt(bit);
      if (record < this.#nodeCount) {
        this.#walk(record, depth + 1, longer, bitCount, base);
        continue;
      }
      const origin = this.#originAt(record - this.#nodeCount - SEPARATOR_SIZE);
      if (origin === 0) continue;
      const hostBits = BigInt(bitCount - depth - 1);
      const first = base + (longer << hostBits);
      this.#builder.add(first, first + (1n << hostBits) - 1n, origin, 0);
    }
  }

  /** Where the branch for a bit leads: to a node, to nothing, or to data. */
  #record(node: number, bit: 0 | 1): number {
    const octets = this.#octets;
    const size = this.#recordSize;
    const at = node * size / 4 + (bit === 0 ? 0 : size >>> 3) + (size === 28 ? bit : 0);
    const low = octets[at]! << 16 | octets[at + 1]! << 8 | octets[at + 2]!;
    if (size === 24) return low;
    if (size === 32) return low * 256 + octets[at + 3]!;
    // The middle octet has the four highest bits of both records.
    const middle = octets[node * 7 + 3]!;
    return (bit === 0 ? middle >>> 4 : middle & 0xf) * 2 ** 24 + low;
  }

  #originAt(offset: number): number {
    let origin = this.#origins.get(offset);
    if (origin === undefined) {
      const { numbers, name } = systemsOf(this.#data.scalars(offset));
      origin = this.#builder.originOf(numbers, name);
      this.#origins.set(offset, origin);
    }
    return origin;
  }
}

/** What a record says of its AS. A country alone, say, is no AS. */
function systemsOf(record: ReadonlyMap<string, Scalar>): { numbers: number[]; name: string | undefined } {
  const field = (names: readonly string[]) => {
    const value = names.map((name) => record.get(name)).find((value) => value !== undefined);
    return value === undefined ? "" : String(value);
  };
  const text = field(NUMBER_FIELDS);
  const numbers = parseAsNumbers(text);
  if (numbers === undefined) throw new FormatError("a record of it has an AS number that is none");
  return { numbers, name: field(NAME_FIELDS) || undefined };
}

/** The data of the file, or its metadata: pointers start at the first octet. */
class MaxMindData {
  readonly #octets: Uint8Array;
  readonly #decoder = new TextDecoder();
  #readsLeft: number;

  constructor(octets: Uint8Array) {
    this.#octets = octets;
    this.#readsLeft = FIELD_COUNT_MAX + READS_PER_OCTET_MAX * octets.length;
  }

  /** The texts and whole numbers of the map that stands at `offset`. */
  scalars(offset: number): Map<string, Scalar> {
    const map = this.#behindPointer(this.#field(offset));
    if (map.type !== MAP) throw new FormatError("a record of it is no map");
    if (map.size > FIELD_COUNT_MAX) throw new FormatError("a record of it has too many fields");
    const scalars = new Map<string, Scalar>();
    let next = map.start;
    for (let index = 0; index < map.size; index += 1) {
      const key = this.#field(next);
      const value = this.#field(this.#after(key));
      const scalar = this.#scalar(this.#behindPointer(value));
      if (scalar !== undefined) scalars.set(String(this.#scalar(this.#behindPointer(key))), scalar);
      next = this.#after(value);
    }
    return scalars;
  }

  #scalar({ type, size, start }: Field): Scalar | undefined {
    if (type === TEXT) {
      if (size > TEXT_SIZE_MAX) return undefined;
      // Every record that shares a text makes a copy of it.
      this.#spend(size);
      return this.#decoder.decode(this.#slice(start, size));
    }
    if ((type !== UINT16 && type !== UINT32 && type !== UINT64) || size > 8) return undefined;
    return this.#slice(start, size).reduce((value, octet) => value * 256 + octet, 0);
  }

  /** A pointer never points to another one. */
  #behindPointer(field: Field): Field {
    return field.type === POINTER ? this.#field(field.size) : field;
  }

  #field(offset: number): Field {
    this.#spend(1);
    const control = this.#slice(offset, 1)[0]!;
    if (control >>> 5 === POINTER) return this.#pointer(offset + 1, control >>> 3 & 3, control & 7);
    const isExtended = control >>> 5 === 0;
    const type = isExtended ? 7 + this.#slice(offset + 1, 1)[0]! : control >>> 5;
    const start = offset + (isExtended ? 2 : 1);
    const short = control & 0x1f;
    // 29, 30 and 31 say that as many octets less 28 follow.
    if (short < 29) return { type, size: short, start };
    const extra = short - 28;
    const size = [29, 285, 65_821][extra - 1]! + this.#number(start, extra);
    return { type, size, start: start + extra };
  }

  #spend(readCount: number): void {
    this.#readsLeft -= readCount;
    if (this.#readsLeft < 0) throw new FormatError("its records have too much in common");
  }

  #pointer(start: number, sizeBits: number, high: number): Field {
    const size = sizeBits === 3
      ? this.#number(start, 4)
      : [0, 2048, 526_336][sizeBits]! + high * 256 ** (sizeBits + 1) + this.#number(start, sizeBits + 1);
    return { type: POINTER, size, start: start + sizeBits + 1 };
  }

  /** Where the next field starts. */
  #after(field: Field): number {
    let next = field.start;
    let pending = 1;
    for (let current = field, count = 1;; count += 1) {
      if (count > FIELD_COUNT_MAX) throw new FormatError("a record of it has too many fields");
      const { type, size, start } = current;
      pending -= 1;
      next = start;
      if (type === MAP) pending += 2 * size;
      else if (type === ARRAY) pending += size;
      else if (type !== POINTER && type !== BOOLEAN) next += size;
      if (pending === 0) return next;
      current = this.#field(next);
    }
  }

  #number(start: number, size: number): number {
    return this.#slice(start, size).reduce((value, octet) => value * 256 + octet, 0);
  }

  #slice(start: number, size: number): Uint8Array {
    if (start < 0 || start + size > this.#octets.length) {
      throw new FormatError("a field of it reaches beyond its end");
    }
    return this.#octets.subarray(start, start + size);
  }
}

function lastIndexOf(octets: Uint8Array, part: Uint8Array, from: number): number {
  for (let at = octets.lastIndexOf(part[0]!); at >= from; at = octets.lastIndexOf(part[0]!, at - 1)) {
    if (part.every((octet, index) => octets[at + index] === octet)) return at;
    if (at === 0) break;
  }
  return -1;
}
