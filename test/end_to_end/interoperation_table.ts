import type { Mode } from "./interoperation_expected.ts";

/** What margay said of one server, for people. */
export interface Line {
  readonly server: string;
  /** Which version, or what else, came of which hello. */
  readonly answers: Readonly<Record<Mode, string>>;
  readonly suite: string;
  readonly chainLength: number;
  readonly verdict: string;
}

const COLUMNS: readonly (readonly [heading: string, cell: (line: Line) => string])[] = [
  ["SERVER", ({ server }) => server],
  ["--tls auto", ({ answers }) => answers.auto],
  ["--tls max", ({ answers }) => answers.max],
  ["--tls legacy", ({ answers }) => answers.legacy],
  ["--tls VERSION", ({ answers }) => answers.newest],
  ["CHAIN", ({ chainLength }) => chainLength === 0 ? "-" : `${chainLength}`],
  ["VERDICT", ({ verdict }) => verdict],
];

/** A table. Servers that differ in their suite alone share a line, which counts the suites. */
export function interoperationTable(lines: readonly Line[]): string[] {
  const groups = Map.groupBy(lines, (line) => COLUMNS.map(([, cell]) => cell(line)).join("\n"));
  const rows = [["SUITE", ...COLUMNS.map(([heading]) => heading)]];
  for (const group of groups.values()) {
    const line = group[0]!;
    const suites = new Set(group.map(({ suite }) => suite));
    const suite = suites.size === 1 ? line.suite : `${suites.size} suites, each alone`;
    rows.push([suite, ...COLUMNS.map(([, cell]) => cell(line))]);
  }
  // The suite stands behind the server.
  const ordered = rows.map(([suite, server, ...rest]) => [server!, suite!, ...rest]);
  const widths = ordered[0]!.map((_, column) => Math.max(...ordered.map((row) => row[column]!.length)));
  return ordered.map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd());
}
