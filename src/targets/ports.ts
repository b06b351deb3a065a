import { TargetError } from "./target_error.ts";

const PORT_LAST = 65_535;

/** The ports from `first` to `last`, both included; port 0 is never one of them. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/**
 * Reads `443`, `80,443`, `9000-9010` and their mixtures; `*` is every port. Sorted, and merged where they overlap or
 * touch.
 *
 * @throws {TargetError} "Cannot parse ports ...", naming the part that is wrong.
 */
export function parsePorts(text: string): readonly PortRange[] {
  if (text === "*") return [{ first: 1, last: PORT_LAST }];
  try {
    return mergePortRanges(text.split(",").map(parsePortRange));
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    throw new TargetError(`Cannot parse ports "${text}": ${error.message}`);
  }
}

/**
 * Reads `443` or `9000-9010`.
 *
 * @throws {TargetError} with the reason alone.
 */
export function parsePortRange(text: string): PortRange {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text);
  if (!match) {
    throw new TargetError(`"${text}" is no port (1 to ${PORT_LAST}) and no range such as 9000-9010`);
  }
  const first = parsePort(match[1]!);
  const last = parsePort(match[2] ?? match[1]!);
  if (first > last) throw new TargetError(`the range ${text} runs backwards; write ${last}-${first}`);
  return { first, last };
}

/** The inverse of {@linkcode parsePorts}. */
export function formatPorts(ranges: readonly PortRange[]): string {
  return ranges.map(({ first, last }) => first === last ? `${first}` : `${first}-${last}`).join(",");
}

/** Every port of `ranges`, in their order. */
export function expandPorts(ranges: readonly PortRange[]): number[] {
  return ranges.flatMap(({ first, last }) =>
    Array.from({ length: last - first + 1 }, (_, offset) => first + offset)
  );
}

/** Sorted, and merged where they overlap or touch. */
export function mergePortRanges(ranges: readonly PortRange[]): PortRange[] {
  const merged: PortRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.first - b.first)) {
    const previous = merged.at(-1);
    if (previous && range.first <= previous.last + 1) {
      merged[merged.length - 1] = { first: previous.first, last: Math.max(previous.last, range.last) };
    } else {
      merged.push(range);
    }
  }
  return merged;
}

function parsePort(digits: string): number {
  const port = Number(digits);
  if (port < 1 || port > PORT_LAST) throw new TargetError(`port ${digits} is not between 1 and ${PORT_LAST}`);
  return port;
}
