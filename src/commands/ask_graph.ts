import type { DatabaseSync } from "node:sqlite";
import { openForReading } from "../graph/mod.ts";
import { ExitCode } from "./exit_code.ts";
import { printLines } from "./print_lines.ts";

/** Prints what `answer` finds in a graph, by default the one in this folder. Resolves to the exit code. */
export async function askGraph(
  path = ".",
  answer: (database: DatabaseSync) => Iterable<string> | Promise<Iterable<string>>,
): Promise<number> {
  const database = openForReading(path);
  try {
    // The graph of one moment, though a builder may go on with it.
    database.exec("BEGIN");
    await printLines(await answer(database));
    return ExitCode.done;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ERR_SQLITE_ERROR")) throw error;
    const wayOut = error.message.includes("malformed") ? "; build it anew from the logs" : "";
    throw new Error(`Cannot read ${path}: ${error.message}${wayOut}`, { cause: error });
  } finally {
    database.close();
  }
}
