import {
  type ExportCounts,
  type ExportFormat,
  exportGraph,
  type ExportSummary,
  streamGraph,
} from "../graph/export/mod.ts";
import { SqliteGraphReader } from "../graph/mod.ts";
import { UsageError } from "../scan/errors.ts";
import { plural } from "../text/mod.ts";
import { ExitCode } from "./exit_code.ts";
import { type ExportOptions, THE_FORMATS_ARE } from "./graph_export_options.ts";
import { hasReaderLeft } from "./has_reader_left.ts";
import { withInterruption } from "./interruption.ts";
import { fitLine, LiveLine } from "./live_line.ts";
import { readGraph } from "./read_graph.ts";
import { standardError, warn } from "./terminal.ts";

/** `margay graph export`: resolves to the exit code; throws what `main.ts` turns into a message. */
export function runGraphExport(options: ExportOptions): Promise<number> {
  const { graph, output, quiet } = options;
  const format = chosenFormat(options);
  return withInterruption((signal) =>
    readGraph(graph, async (database) => {
      const reader = new SqliteGraphReader(database);
      if (output === "-") {
        await streamGraph(reader, format, Deno.stdout, signal).catch((error) => {
          if (!hasReaderLeft(error)) throw error;
        });
        return ExitCode.done;
      }
      const counts = { nodes: 0, edges: 0 };
      const summary = await shown(
        counts,
        quiet,
        () => exportGraph(reader, format, output, { signal, counts }),
      );
      if (!quiet) warn(sentence(summary, format, output));
      return ExitCode.done;
    }), "everything was exported");
}

function chosenFormat({ format, output }: ExportOptions): ExportFormat {
  if (format === undefined) throw new UsageError(`Cannot export without --format: ${THE_FORMATS_ARE}`);
  if (output === "-" && !format.isSingle) {
    throw new UsageError(
      `Cannot export as ${format.name} to standard output: it is several files (${format.files}); ` +
        "name a folder with -o",
    );
  }
  return format;
}

/** Does the work under its live line. */
async function shown<Result>(
  counts: ExportCounts,
  quiet: boolean,
  work: () => Promise<Result>,
): Promise<Result> {
  const line = new LiveLine(
    (columns) =>
      fitLine(
        [["exporting", 1], [plural(counts.nodes, "node"), 0], [plural(counts.edges, "edge"), 0]],
        columns,
      ),
    standardError,
  );
  if (!quiet) line.start();
  try {
    return await work();
  } finally {
    line.stop();
  }
}

function sentence({ nodes, edges, files }: ExportSummary, { name }: ExportFormat, output: string): string {
  const script = files.find(({ name }) => name === "import.sh");
  return `${plural(nodes, "node")} and ${plural(edges, "edge")} exported as ${name} to ${output}` +
    (script === undefined ? "" : `; ${output}/${script.name} imports them`);
}
