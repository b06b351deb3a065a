import { join } from "node:path";
import type { Observation } from "../../../../src/observe/mod.ts";
import { linesOf } from "../../observe/sample_log.ts";

/** Makes a log of records: a folder with a segment for each list. */
export async function logFolder(
  folder: string,
  ...segments: readonly (readonly Observation[])[]
): Promise<string> {
  await Deno.mkdir(folder);
  for (const [index, records] of segments.entries()) {
    const name = `${String(index + 1).padStart(6, "0")}.ndjson`;
    await Deno.writeTextFile(join(folder, name), linesOf(records));
  }
  return folder;
}
