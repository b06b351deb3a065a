import { join } from "node:path";
import { writeOctets } from "../text/mod.ts";
import { compressedName, segmentName, unfinishedName } from "./segment.ts";
import { syncFolder } from "./sync_folder.ts";

/**
 * Compresses a finished segment. Killed at any point, the log reads the same: the octets go into a file that no reader
 * knows, which gets its name once it is on the disk, and only then the original is removed.
 */
export async function compressSegment(folder: string, number: number): Promise<void> {
  const original = join(folder, segmentName(number));
  const unfinished = join(folder, unfinishedName(number));
  const source = await Deno.open(original);
  const octets = source.readable.pipeThrough(new CompressionStream("gzip"));
  {
    using file = await Deno.open(unfinished, { write: true, createNew: true });
    for await (const piece of octets) await writeOctets(file, piece);
    await file.sync();
  }
  await Deno.rename(unfinished, join(folder, compressedName(number)));
  await syncFolder(folder);
  await Deno.remove(original);
}
