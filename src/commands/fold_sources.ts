import { stat } from "node:fs/promises";
import {
  addOrigins,
  type BuilderGraph,
  type FindSystems,
  foldLog,
  mergeGraph,
  openForBuilding,
} from "../graph/builder/mod.ts";
import { GraphFileError, openForReading } from "../graph/mod.ts";
import { LogSize, readRun } from "../observe/mod.ts";
import { printable } from "../text/mod.ts";
import { ExitCode } from "./exit_code.ts";
import { foldProgress, FoldTally, formatFoldSummary } from "./fold_tally.ts";
import { withInterruption } from "./interruption.ts";
import { LiveLine } from "./live_line.ts";
import { loadSystems } from "./load_systems.ts";
import { tornText } from "./log_state.ts";
import { standardError, warn } from "./terminal.ts";

/** How sources are folded. */
export interface FoldSourcesOptions {
  /** What is in the graph is thrown away. */
  readonly anew: boolean;
  /** The file of `--asn-db`. */
  readonly asDatabase: string | undefined;
  readonly quiet: boolean;
}

/** The folder of a run, or a graph. */
interface Source {
  readonly path: string;
  readonly octets: number;
  /** Undefined for a graph. */
  readonly log: LogSize | undefined;
}

/** Folds logs and graphs into a graph, and says what came of it. Resolves to the exit code. */
export function foldSources(
  graphPath: string,
  paths: readonly string[],
  { anew, asDatabase, quiet }: FoldSourcesOptions,
): Promise<number> {
  return withInterruption(async (signal) => {
    const findSystems = await loadSystems(asDatabase, warn);
    const sources = await Promise.all(paths.map(sourceOf));
    const graph = openForBuilding(graphPath, { anew });
    if (graph === undefined) {
      throw new GraphFileError(
        `Cannot write ${graphPath}: another builder adds to it; wait until it has ended, or name another graph`,
      );
    }
    const tally = new FoldTally(sources.reduce((sum, { octets }) => sum + octets, 0));
    const line = new LiveLine(foldProgress(tally), standardError);
    if (!quiet) line.start();
    try {
      if (findSystems) tally.addSystems(await addOrigins(graph, findSystems, signal));
      for (const source of sources) await foldSource(graph, source, { findSystems, signal, tally, line });
    } finally {
      line.stop();
      graph.close();
    }
    if (!quiet) standardError.write(`${formatFoldSummary(graphPath, tally, signal.aborted).join("\n")}\n`);
    return signal.aborted ? ExitCode.interrupted : ExitCode.done;
  }, "anything was folded");
}

/**
 * Looks at how a source begins: of what cannot be read no graph is to be left.
 *
 * @throws {LogReadError} when a folder holds no log, or a newer margay's.
 * @throws {GraphFileError} when a file is no graph.
 */
async function sourceOf(path: string): Promise<Source> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) {
    openForReading(path).close();
    return { path, octets: found.size, log: undefined };
  }
  const log = await LogSize.of(path);
  await readRun(path);
  return { path, octets: log.octets, log };
}

interface FoldContext {
  readonly findSystems: FindSystems | undefined;
  readonly signal: AbortSignal;
  readonly tally: FoldTally;
  readonly line: LiveLine;
}

async function foldSource(graph: BuilderGraph, source: Source, context: FoldContext): Promise<void> {
  const { findSystems, signal, tally, line } = context;
  if (signal.aborted) return;
  const { path, log, octets } = source;
  if (log === undefined) {
    tally.update({ octets, records: 0, newNodes: await mergeGraph(graph, path, { signal }) });
  } else {
    await foldLog(graph, path, {
      findSystems,
      signal,
      onProgress: ({ position, records, newNodes }) =>
        tally.update({ octets: log.octetsBefore(position), records, newNodes }),
      onTornEnd: (torn) =>
        line.print(`margay: ${printable(`${tornText(torn.path, torn.octets)}; passed over`)}`),
    });
  }
  if (!signal.aborted) tally.finishSource(octets);
}
