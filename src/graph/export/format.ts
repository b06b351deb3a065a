import type { GraphReader } from "../model.ts";
import type { ExportFile } from "./export_file.ts";

/** A way of writing a graph down. */
export interface ExportFormat {
  /** What `--format` calls it. */
  readonly name: string;
  /** Who reads it, in one line, with the version of the documentation that it follows where there are several. */
  readonly description: string;
  /** The files that it writes, for people. */
  readonly files: string;
  /** Whether it is one file, which may also go to standard output. */
  readonly isSingle: boolean;
  /** Loads what writes it. */
  load(): Promise<WriteGraph>;
}

/** Walks over the graph once, a type at a time; what is held in memory does not depend on its size. */
export type WriteGraph = (graph: GraphReader, destination: ExportDestination) => Promise<void>;

/** Where an export goes. */
export interface ExportDestination {
  /** Starts a file, which the format closes. Its name is no stranger's. */
  open(name: string, options?: OpenOptions): Promise<ExportFile>;
}

/** How a file is started. */
export interface OpenOptions {
  readonly isExecutable?: boolean;
}
