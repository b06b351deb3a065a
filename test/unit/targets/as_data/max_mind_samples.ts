import { bits, type Contents, maxMindFile, type Value } from "./max_mind_file.ts";

/** As many bits. */
export const zeros = (count: number) => "0".repeat(count);
/** One record. */
export const record = (fields: Readonly<Record<string, Value>>) => new Map(Object.entries(fields));

/** What the prefixes of {@linkcode ipv6} have. */
export const records: readonly Value[] = [
  record({ autonomous_system_number: 64500, autonomous_system_organization: "Example, Inc." }),
  record({
    // What is not asked for is passed over, whatever its type.
    nested: record({ list: [1, "a", record({ flag: true }), 2 ** 40], share: 0.5, number: 1n << 100n }),
    asn: "AS64501",
    as_name: "x".repeat(300),
  }),
  record({ country: "DE", asn: "" }),
];

/** Both families in one tree, IPv4 at three places. */
export const ipv6: Contents = {
  ipVersion: 6,
  recordSize: 28,
  records,
  prefixes: {
    [zeros(96) + bits([0xc000, 0x0200], 24)]: 0,
    [zeros(96) + bits([0xc633, 0x6400], 24)]: 2,
    [bits([0x2001, 0xdb8], 32)]: 1,
  },
  aliases: {
    [bits([0, 0, 0, 0, 0, 0xffff], 96)]: zeros(96),
    [bits([0x2002], 16)]: zeros(96),
  },
};

/** One family, whose records share a name and each other. */
export const ipv4: Contents = {
  ipVersion: 4,
  recordSize: 24,
  records: ["y".repeat(3000), record({ as_number: 1, name: { pointer: 0 } }), { pointer: 3003 }],
  prefixes: { [bits([0x0a00], 8)]: 1, [bits([0x0b00], 8)]: 2 },
};

/** A file with this many AS, a /16 for each, and one long name for all of them. */
export function sharingFile(count: number): Uint8Array {
  const named = (_: unknown, index: number) => record({ asn: index + 1, name: { pointer: 0 } });
  const prefixes = Array.from({ length: count }, (_, index) => [bits([index], 16), index + 1] as const);
  return maxMindFile({
    ipVersion: 4,
    recordSize: 24,
    records: ["z".repeat(4000), ...Array.from({ length: count }, named)],
    prefixes: Object.fromEntries(prefixes),
  });
}
