/** A value as MaxMind DBs hold it; `bigint` is a 128-bit number, `{ pointer }` leads to another value of the data. */
export type Value =
  | string
  | number
  | boolean
  | bigint
  | readonly Value[]
  | { readonly pointer: number }
  | ReadonlyMap<string, Value>;

/** Prefixes as bits (`"0000"`), and which of the `records` each has. */
export interface Contents {
  readonly ipVersion: 4 | 6;
  readonly recordSize: 24 | 28 | 32;
  readonly records: readonly Value[];
  readonly prefixes: Readonly<Record<string, number>>;
  /** Prefixes at which the whole branch of another prefix stands once more. */
  readonly aliases?: Readonly<Record<string, string>>;
  readonly metadata?: Readonly<Record<string, Value>>;
}

type Branch = Node | { readonly record: number } | undefined;
type Node = { number: number; branches: [Branch, Branch] };

/** Writes a MaxMind DB, without sharing anything that is not asked for. */
export function maxMindFile(contents: Contents): Uint8Array {
  const { ipVersion, recordSize, records, prefixes, aliases = {} } = contents;
  const nodes: Node[] = [];
  const addNode = (): Node =>
    nodes[nodes.push({ number: nodes.length, branches: [undefined, undefined] }) - 1]!;
  const root = addNode();
  const set = (bits: string, branch: Branch) => {
    let node = root;
    for (const bit of bits.slice(0, -1)) {
      const next = node.branches[Number(bit)] ?? addNode();
      node.branches[Number(bit)] = next;
      node = next as Node;
    }
    node.branches[Number(bits.at(-1))] = branch;
  };
  const get = (bits: string): Branch => {
    let branch: Branch = root;
    for (const bit of bits) branch = (branch as Node).branches[Number(bit)];
    return branch;
  };
  for (const [bits, record] of Object.entries(prefixes)) set(bits, { record });
  for (const [bits, other] of Object.entries(aliases)) set(bits, get(other));

  const data = records.map((record) => encode(record));
  const offsets = data.map((_, index) =>
    data.slice(0, index).reduce((sum, octets) => sum + octets.length, 0)
  );
  const value = (branch: Branch) => {
    if (branch === undefined) return nodes.length;
    return "record" in branch ? nodes.length + 16 + offsets[branch.record]! : branch.number;
  };
  const tree = nodes.flatMap(({ branches: [left, right] }) =>
    writeNode(value(left), value(right), recordSize)
  );
  const metadata = encode(
    new Map<string, Value>(Object.entries({
      binary_format_major_version: 2,
      binary_format_minor_version: 0,
      build_epoch: 1_700_000_000,
      database_type: "Test-ASN",
      description: new Map([["en", "made up"]]),
      ip_version: ipVersion,
      languages: ["en"],
      node_count: nodes.length,
      record_size: recordSize,
      ...contents.metadata,
    })),
  );
  return Uint8Array.from([
    ...tree,
    ...new Array(16).fill(0),
    ...data.flat(),
    ...[0xab, 0xcd, 0xef],
    ...new TextEncoder().encode("MaxMind.com"),
    ...metadata,
  ]);
}

/** The bits of a prefix that starts with these groups of 16: `bits([0x2001, 0xdb8], 32)`. */
export function bits(groups: readonly number[], length: number): string {
  return groups.map((group) => group.toString(2).padStart(16, "0")).join("").padEnd(length, "0").slice(
    0,
    length,
  );
}

function writeNode(left: number, right: number, recordSize: number): number[] {
  const low = (value: number) => [value >>> 16 & 0xff, value >>> 8 & 0xff, value & 0xff];
  if (recordSize === 24) return [...low(left), ...low(right)];
  if (recordSize === 28) return [...low(left), left >>> 24 << 4 | right >>> 24, ...low(right)];
  return [left >>> 24, ...low(left), right >>> 24, ...low(right)];
}

/** One value of the data. */
export function encode(value: Value): number[] {
  if (typeof value === "string") {
    const octets = [...new TextEncoder().encode(value)];
    return [...control(2, octets.length), ...octets];
  }
  if (typeof value === "number") {
    if (!Number.isInteger(value)) {
      return [...control(3, 8), ...new Uint8Array(Float64Array.of(value).buffer).reverse()];
    }
    const octets = wholeNumber(BigInt(value));
    return [...control(octets.length > 4 ? 9 : 6, octets.length), ...octets];
  }
  if (typeof value === "bigint") return [...control(10, wholeNumber(value).length), ...wholeNumber(value)];
  if (typeof value === "boolean") return control(14, value ? 1 : 0);
  if (value instanceof Map) {
    const entries = [...value as ReadonlyMap<string, Value>];
    return [
      ...control(7, entries.length),
      ...entries.flatMap(([key, each]) => [...encode(key), ...encode(each)]),
    ];
  }
  if ("pointer" in value) return pointer(value.pointer);
  return [...control(11, (value as readonly Value[]).length), ...(value as readonly Value[]).flatMap(encode)];
}

function control(type: number, size: number): number[] {
  const [short, ...rest] = size < 29
    ? [size]
    : size < 285
    ? [29, size - 29]
    : [30, size - 285 >>> 8, size - 285 & 0xff];
  return type > 7 ? [short!, type - 7, ...rest] : [type << 5 | short!, ...rest];
}

function pointer(offset: number): number[] {
  if (offset < 2048) return [0x20 | offset >>> 8, offset & 0xff];
  const beyond = offset - 2048;
  return [0x28 | beyond >>> 16, beyond >>> 8 & 0xff, beyond & 0xff];
}

function wholeNumber(value: bigint): number[] {
  const octets: number[] = [];
  for (; value > 0n; value >>= 8n) octets.unshift(Number(value & 0xffn));
  return octets;
}
