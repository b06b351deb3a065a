/** A file is no graph, or not one that can be used so. */
export class GraphFileError extends Error {
  override readonly name = "GraphFileError";
}
