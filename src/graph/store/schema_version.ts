import type { DatabaseSync } from "node:sqlite";
import { GraphFileError } from "./graph_file_error.ts";
import { SCHEMA_VERSION } from "./schema.ts";

/**
 * The version of a graph's schema, up to {@linkcode SCHEMA_VERSION}.
 *
 * @param action what cannot be done with the file: `open` or `write`.
 * @throws {GraphFileError} when only a newer margay knows it.
 */
export function schemaVersion(database: DatabaseSync, path: string, action: "open" | "write"): number {
  const version = Number(database.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
  if (version <= SCHEMA_VERSION) return version;
  throw new GraphFileError(
    `Cannot ${action} ${path}: a newer margay wrote it (schema ${version}, this one knows ${SCHEMA_VERSION}); ` +
      "use that margay",
  );
}
