import type { FindSystems } from "../graph/builder/mod.ts";
import { loadAsDatabase } from "../targets/mod.ts";

/**
 * What the file of `--asn-db` says of addresses.
 *
 * @param warn told what is doubtful in it.
 */
export async function loadSystems(
  path: string | undefined,
  warn: (sentence: string) => void,
): Promise<FindSystems | undefined> {
  if (path === undefined) return undefined;
  const database = await loadAsDatabase(path);
  database.warnings.forEach(warn);
  return (address) => database.find(address);
}
