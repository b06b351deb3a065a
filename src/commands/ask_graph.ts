import type { DatabaseSync } from "node:sqlite";
import { openForReading } from "../graph/mod.ts";
import { ExitCode } from "./exit_code.ts";
import { printLines } from "./print_lines.ts";

/** Prints what `answer` finds in a graph: by default the one in this folder. */
export async function askGraph(
  path: string | undefined,
  answer: (database: DatabaseSync) => Iterable<string>,
): Promise<number> {
  const database = openForReading(path ?? ".");
  try {
    // The graph of one moment, though a builder may go on with it.
    database.exec("BEGIN");
    await printLines(answer(database));
    return ExitCode.done;
  } finally {
    database.close();
  }
}
