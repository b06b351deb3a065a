import {
  EXPORT_FORMATS,
  type ExportFormat,
  exportGraph,
  type ExportSummary,
  type GraphReader,
  streamGraph,
} from "../graph/export/mod.ts";
import { UsageError } from "../scan/errors.ts";
import { printable } from "../text/mod.ts";
import { ExitCode } from "./exit_code.ts";
import { withInterruption } from "./interruption.ts";
import { standardError } from "./terminal.ts";
import { formatCount } from "./units.ts";

/** What `margay graph export` is told. */
export interface GraphExportOptions {
  /** The name of one of {@linkcode EXPORT_FORMATS}. */
  readonly format: string;
  /** A folder that is new or empty, or `-` for standard output. */
  readonly output: string;
  readonly quiet: boolean;
}

/** The formats for the help of `margay graph export`, a line each. */
export const EXPORT_FORMATS_HELP = EXPORT_FORMATS.map(({ name, description, files }) =>
  `${name}: ${description} (${files})`
);

/** `margay graph export`: resolves to the exit code; throws what `main.ts` turns into a message. */
export function runGraphExport(graph: GraphReader, options: GraphExportOptions): Promise<number> {
  const { output, quiet } = options;
  const format = findFormat(options);
  return withInterruption(async (signal) => {
    if (output === "-") {
      await unlessReaderLeft(streamGraph(graph, format, Deno.stdout, signal));
      return ExitCode.done;
    }
    const summary = await exportGraph(graph, format, output, signal);
    if (!quiet) standardError.write(`margay: ${printable(sentence(summary, format, output))}\n`);
    return ExitCode.done;
  });
}

function findFormat({ format: name, output }: GraphExportOptions): ExportFormat {
  const format = EXPORT_FORMATS.find((format) => format.name === name);
  if (format === undefined) {
    const names = EXPORT_FORMATS.map(({ name }) => name).join(", ");
    throw new UsageError(`Cannot export as ${name}: the formats are ${names}`);
  }
  if (output === "-" && !format.isSingle) {
    throw new UsageError(
      `Cannot export as ${name} to standard output: it is several files (${format.files}); name a folder with -o`,
    );
  }
  return format;
}

function sentence({ nodes, edges, files }: ExportSummary, { name }: ExportFormat, output: string): string {
  const script = files.find(({ name }) => name === "import.sh");
  return `${formatCount(nodes)} nodes and ${formatCount(edges)} edges exported as ${name} to ${output}` +
    (script === undefined ? "" : `; ${output}/${script.name} imports them`);
}

/** Who reads through `head` has seen enough: no reason to complain. */
async function unlessReaderLeft(writing: Promise<void>): Promise<void> {
  try {
    await writing;
  } catch (error) {
    if (!(error instanceof Error && error.cause instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
