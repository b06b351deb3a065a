/**
 * What a SYN-ACK's TCP options say. They come from strangers: whatever is cut short or has an impossible length ends
 * the list.
 *
 * @module
 */

/** Kinds of options: IANA, "TCP Option Kind Numbers". */
export const TcpOption = {
  endOfList: 0,
  noOperation: 1,
  segmentSize: 2,
  windowScale: 3,
  sackPermitted: 4,
  timestamps: 8,
} as const;

/** Calls `visit` for each option in its order, with where its data starts and how many octets of data it has. */
function walkOptions(
  options: Uint8Array,
  visit: (kind: number, start: number, size: number) => void,
): void {
  for (let at = 0; at < options.length;) {
    const kind = options[at]!;
    if (kind === TcpOption.endOfList) return;
    // RFC 9293, 3.1: these two are single octets, all others have a length that counts kind and length too.
    const size = kind === TcpOption.noOperation ? 1 : options[at + 1] ?? 0;
    const isWhole = kind === TcpOption.noOperation || (size >= 2 && at + size <= options.length);
    if (!isWhole) return;
    visit(kind, at + 2, size - 2);
    at += size;
  }
}

/** The kinds in their order, as fingerprints of TCP stacks name them: `2-4-8-1-3`; undefined without options. */
export function optionKinds(options: Uint8Array): string | undefined {
  let kinds: string | undefined;
  walkOptions(options, (kind) => kinds = kinds === undefined ? `${kind}` : `${kinds}-${kind}`);
  return kinds;
}

/** Whether there is an option of this kind. */
export function hasOption(options: Uint8Array, wanted: number): boolean {
  let found = false;
  walkOptions(options, (kind) => found ||= kind === wanted);
  return found;
}

/**
 * A big-endian number in the data of the first option of this kind.
 *
 * @param size of the option's data, in octets; an option of another size does not count.
 * @param skip octets of data before the number.
 * @param width of the number, in octets.
 */
export function optionNumber(
  options: Uint8Array,
  wanted: number,
  { size, skip = 0, width = size }: {
    readonly size: number;
    readonly skip?: number;
    readonly width?: number;
  },
): number | undefined {
  let number: number | undefined;
  walkOptions(options, (kind, start, found) => {
    if (number !== undefined || kind !== wanted || found !== size) return;
    number = 0;
    for (let index = 0; index < width; index += 1) number = number * 256 + options[start + skip + index]!;
  });
  return number;
}
