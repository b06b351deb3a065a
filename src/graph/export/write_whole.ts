import type { ExportDestination, OpenOptions } from "./format.ts";

/** Writes a file that is no longer than a page. */
export async function writeWhole(
  destination: ExportDestination,
  name: string,
  text: string,
  options: OpenOptions = {},
): Promise<void> {
  const file = await destination.open(name, options);
  await file.write(text);
  await file.close();
}
