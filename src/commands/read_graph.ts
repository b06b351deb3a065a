import type { DatabaseSync } from "node:sqlite";
import { openForReading } from "../graph/mod.ts";

/**
 * Does `work` with a graph, by default the one in this folder, as it is at one moment: a builder may go on with it, but
 * no edge leads to a node that came later.
 *
 * @throws {Error} when it cannot be opened, or is damaged.
 */
export async function readGraph<Result>(
  path = ".",
  work: (database: DatabaseSync) => Promise<Result>,
): Promise<Result> {
  const database = openForReading(path);
  try {
    database.exec("BEGIN");
    return await work(database);
  } catch (error) {
    // A column takes values of any type, whatever it was made for: what no builder wrote fails where it is used.
    if (error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError) {
      throw new Error(
        `Cannot read ${path}: a value in it is not what a graph holds (${error.message}); build it anew from the logs`,
        { cause: error },
      );
    }
    if (!(error instanceof Error && "code" in error && error.code === "ERR_SQLITE_ERROR")) throw error;
    const wayOut = error.message.includes("malformed") ? "; build it anew from the logs" : "";
    throw new Error(`Cannot read ${path}: ${error.message}${wayOut}`, { cause: error });
  } finally {
    database.close();
  }
}
