import type { Program } from "./programs.ts";

/** What a bench found: medians, and whatever else it wants in its JSON line. */
export interface Measurement {
  readonly ours: number;
  readonly peer: number;
  /** Further fields of the JSON line. */
  readonly extra?: Readonly<Record<string, number>>;
}

/** One claim beside a peer that is measured in the same run. More is better in every unit. */
export interface Bench {
  /** Its name on the command line and in the table; the file that holds it is named alike. */
  readonly name: string;
  /** What it measures, against whom, in one sentence. */
  readonly sentence: string;
  readonly unit: string;
  /** The programs that have to be installed. */
  readonly programs: readonly Program[];
  /** How often each side is measured unless told. */
  readonly rounds: number;
  /** @throws {Error} when a side cannot be measured here. */
  run(rounds: number): Measurement | Promise<Measurement>;
}

/** The JSON line that a bench ends with. */
export interface Result {
  readonly name: string;
  /** How many times better than the peer; 1 is equal. */
  readonly ratio: number;
  readonly ours: number;
  readonly peer: number;
  readonly unit: string;
  readonly [extra: string]: number | string;
}

/** A measurement under its bench's name, in as many digits as mean something. */
export function resultOf(bench: Bench, { ours, peer, extra = {} }: Measurement): Result {
  const rounded = Object.entries(extra).map(([name, value]) => [name, significant(value, 5)] as const);
  return {
    name: bench.name,
    ratio: significant(ours / peer, 3),
    ours: significant(ours, 4),
    peer: significant(peer, 4),
    unit: bench.unit,
    ...Object.fromEntries(rounded),
  };
}

function significant(value: number, digits: number): number {
  return Number(value.toPrecision(digits));
}
