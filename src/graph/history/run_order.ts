import type { DatabaseSync } from "node:sqlite";
import { askedOf, differencesOf } from "./asked.ts";

/** A run as history sees it. */
export interface OrderedRun {
  /** In the graph's tables. */
  readonly id: number;
  readonly name: string;
  /** It went through to its end: what it did not see was not there. */
  readonly isDone: boolean;
  /** What it asked for: see {@linkcode askedOf}. */
  readonly asked: ReadonlyMap<string, string>;
}

/** The runs of a graph by name, which is by the time they started; a run's place in it is its rank. */
export type RunOrder = readonly OrderedRun[];

/** Reads the runs of a graph. */
export function readRunOrder(database: DatabaseSync): RunOrder {
  const rows = database.prepare("SELECT id, name, outcome, config FROM run ORDER BY name").all();
  return rows.map(({ id, name, outcome, config }) => ({
    id: Number(id),
    name: String(name),
    isDone: outcome === "done",
    asked: askedOf(JSON.parse(String(config))),
  }));
}

/** In what two runs asked differently: names of options. What only one of them asked for says nothing of the other. */
export function askedDifferently(one: OrderedRun, other: OrderedRun): string[] {
  return differencesOf(one.asked, other.asked);
}

/** Whether two runs asked for the same, so that what only one of them saw says something. */
export function askedTheSame(one: OrderedRun, other: OrderedRun): boolean {
  return askedDifferently(one, other).length === 0;
}

/** What a person may call a run beside its name. */
const WORDS: Readonly<Record<string, number>> = { first: 0, previous: -2, last: -1 };

/**
 * The rank of the run that a person means: its name, the beginning that no other run's name has, `first`, `last`, or
 * `previous`, which is the one before the last.
 *
 * @throws {Error} when that is no run, or several.
 */
export function rankOfRun(runs: RunOrder, text: string): number {
  const [rank, ...more] = matches(runs, text);
  if (rank === undefined) throw new Error(unknownRun(runs, text));
  if (more.length > 0) {
    throw new Error(
      `Cannot tell which run ${text} is: ${more.length + 1} names begin so, ${
        runs[rank]!.name
      } is the first; write more of it`,
    );
  }
  return rank;
}

/**
 * The rank of the first run that a person means: as {@linkcode rankOfRun}, but a beginning may be that of many, such as
 * a day.
 *
 * @throws {Error} when that is no run.
 */
export function rankOfFirstRun(runs: RunOrder, text: string): number {
  const [rank] = matches(runs, text);
  if (rank === undefined) throw new Error(unknownRun(runs, text));
  return rank;
}

function matches(runs: RunOrder, text: string): number[] {
  const exact = runs.findIndex(({ name }) => name === text);
  if (exact >= 0) return [exact];
  const place = Object.hasOwn(WORDS, text) ? WORDS[text]! : undefined;
  if (place !== undefined) return runs.at(place) === undefined ? [] : [(place + runs.length) % runs.length];
  return runs.flatMap(({ name }, rank) => text !== "" && name.startsWith(text) ? [rank] : []);
}

function unknownRun(runs: RunOrder, text: string): string {
  const names = runs.length === 0
    ? "the graph holds no run"
    : runs.length === 1
    ? `the graph's only run is ${runs[0]!.name}`
    : `the graph's ${runs.length} runs go from ${runs[0]!.name} to ${runs.at(-1)!.name}`;
  return `Cannot find the run ${text}: ${names}; write a name, its beginning, first, previous or last`;
}
