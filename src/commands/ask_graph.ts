import type { DatabaseSync } from "node:sqlite";
import { ExitCode } from "./exit_code.ts";
import { printLines } from "./print_lines.ts";
import { readGraph } from "./read_graph.ts";

/** Prints what `answer` finds in a graph, by default the one in this folder. Resolves to the exit code. */
export function askGraph(
  path: string | undefined,
  answer: (database: DatabaseSync) => Iterable<string> | Promise<Iterable<string>>,
): Promise<number> {
  return readGraph(path, async (database) => {
    await printLines(await answer(database));
    return ExitCode.done;
  });
}
