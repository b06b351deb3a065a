import { printable } from "../text/mod.ts";
import { consoleColumns } from "./terminal.ts";

const GAP = "  ";

/** Rows after which the widths of columns are fixed: what is wider then stands out. */
const WIDTH_ROWS = 1_000;

/** A column of a table. */
export interface Column {
  readonly name: string;
  /** Stands at the right. */
  readonly isNumber: boolean;
}

/** A column of words. */
export function words(name: string): Column {
  return { name, isNumber: false };
}

/** A column of numbers. */
export function numbers(name: string): Column {
  return { name, isNumber: true };
}

/** Rows under a head, in columns. What strangers wrote best stands in the last one: nobody knows how wide it prints. */
export function* tableLines(
  columns: readonly Column[],
  rows: Iterable<readonly string[]>,
): Iterable<string> {
  const first: (readonly string[])[] = [columns.map(({ name }) => printable(name))];
  let widths: readonly number[] | undefined;
  const line = (row: readonly string[]) => {
    const cells = row.map((cell, index) =>
      columns[index]!.isNumber ? cell.padStart(widths![index]!) : cell.padEnd(widths![index]!)
    );
    return cells.join(GAP).trimEnd();
  };
  const widthsOfFirst = () => columns.map((_, index) => Math.max(...first.map((row) => row[index]!.length)));
  for (const row of rows) {
    const cells = row.map(printable);
    if (widths !== undefined) {
      yield line(cells);
      continue;
    }
    first.push(cells);
    if (first.length > WIDTH_ROWS) {
      widths = widthsOfFirst();
      yield* first.map(line);
    }
  }
  if (widths !== undefined) return;
  widths = widthsOfFirst();
  yield* first.map(line);
}

/** A line as it fits the screen; as it is where there is none. What comes of it must be printable already. */
export function cutToScreen(line: string): string {
  if (!Deno.stdout.isTerminal()) return line;
  const columns = consoleColumns();
  return line.length <= columns ? line : `${line.slice(0, columns - 1).toWellFormed()}…`;
}
