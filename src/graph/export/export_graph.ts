import type { EdgeType, GraphEdge, GraphNode, GraphReader, NodeType } from "../model.ts";
import type { OctetStream } from "../../text/mod.ts";
import { ExportFile } from "./export_file.ts";
import { ExportFolder } from "./export_folder.ts";
import type { ExportFormat } from "./format.ts";

/** What an export came to. */
export interface ExportSummary {
  readonly nodes: number;
  readonly edges: number;
  /** In the order in which they were written. */
  readonly files: readonly { readonly name: string; readonly records: number }[];
}

/** How far an export is. */
export interface ExportCounts {
  nodes: number;
  edges: number;
}

/** What may be done about an export while it goes on. */
export interface ExportControl {
  /** Ends it, with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Is kept up to date. */
  readonly counts?: ExportCounts;
}

/**
 * Writes a graph into a folder that is new or empty. Either all files are there in the end, or none: until then, their
 * names end in `.part`.
 *
 * @throws {Error} when the folder holds something, or cannot be written to; the reason of an abort.
 */
export async function exportGraph(
  graph: GraphReader,
  format: ExportFormat,
  path: string,
  { signal, counts = { nodes: 0, edges: 0 } }: ExportControl = {},
): Promise<ExportSummary> {
  const write = await format.load();
  const folder = await ExportFolder.create(path, signal);
  try {
    await write(new CountedGraph(graph, counts), folder);
    await folder.finish();
  } catch (error) {
    await folder.discard();
    throw error;
  }
  const files = folder.files.map(({ name, records }) => ({ name, records }));
  return { ...counts, files };
}

/** Writes a graph to a stream, such as standard output, as a format that {@linkcode ExportFormat.isSingle}. */
export async function streamGraph(
  graph: GraphReader,
  format: ExportFormat,
  stream: OctetStream,
  signal?: AbortSignal,
): Promise<void> {
  const write = await format.load();
  await write(graph, {
    open: (name) =>
      Promise.resolve(new ExportFile(name, "to standard output", stream, () => Promise.resolve(), signal)),
  });
}

/** Counts what is walked over. */
class CountedGraph implements GraphReader {
  readonly #graph: GraphReader;
  readonly #counts: ExportCounts;

  constructor(graph: GraphReader, counts: ExportCounts) {
    this.#graph = graph;
    this.#counts = counts;
  }

  *nodes(type: NodeType): Iterable<GraphNode> {
    for (const node of this.#graph.nodes(type)) {
      this.#counts.nodes += 1;
      yield node;
    }
  }

  *edges(type: EdgeType): Iterable<GraphEdge> {
    for (const edge of this.#graph.edges(type)) {
      this.#counts.edges += 1;
      yield edge;
    }
  }
}
