import { basename, dirname, join, resolve } from "node:path";
import { UsageError } from "../scan/errors.ts";
import type { SweepOptions } from "../scan/options.ts";

/**
 * Where a sweep's metadata goes: as asked for, else beside a file of results; no pipe or device has a place beside it.
 *
 * @throws {UsageError} when two of the files that the sweep writes are one: each would destroy the other.
 */
export async function chooseMetadataPath(
  { output, status, metadata }: Pick<SweepOptions, "output" | "status" | "metadata">,
): Promise<string | undefined> {
  const results = output === "-" ? undefined : await nameOfFile(output);
  const path = metadata ?? (results === undefined ? undefined : `${output}.meta.json`);
  const files = [
    ...output === "-" ? [] : [{ what: "--output", path: output }],
    ...path === undefined
      ? []
      : [{ what: metadata === undefined ? "the metadata beside --output" : "--metadata", path }],
    ...status === undefined ? [] : [{ what: "--status", path: status }],
  ];
  const known = new Map<string, string>();
  for (const { what, path } of files) {
    const name = await nameOfFile(path);
    if (name === undefined) continue;
    const other = known.get(name);
    if (other !== undefined) {
      throw new UsageError(
        `Cannot write ${other} and ${what} to ${path}: both are the same file; name another for one of them`,
      );
    }
    known.set(name, what);
  }
  return path;
}

/** The same for paths that lead to the same file, be it there already or not; undefined for what is no file. */
async function nameOfFile(path: string): Promise<string | undefined> {
  try {
    const { isFile, dev, ino } = await Deno.stat(path);
    return isFile ? `${dev}:${ino}` : undefined;
  } catch {
    // It is to be made. What else is wrong with it shows when it is opened.
    const folder = await Deno.realPath(dirname(path)).catch(() => resolve(dirname(path)));
    return join(folder, basename(path));
  }
}
