import { printable } from "../text/mod.ts";

const GAP = "  ";

/**
 * Rows under a head, in columns. A head that starts with `>` is of numbers, which stand at the right. What strangers
 * wrote belongs into the last column: nobody knows how wide it prints.
 */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [head.map((cell) => cell.replace(/^>/, "")), ...rows.map((row) => row.map(printable))];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  return all.map((row) =>
    row.map((cell, column) =>
      head[column]?.startsWith(">") ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)
    )
      .join(GAP).trimEnd()
  );
}
