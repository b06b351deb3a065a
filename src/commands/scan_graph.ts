import { join } from "node:path";
import type { HistoryCounts } from "../graph/history/mod.ts";
import { LogSize } from "../observe/mod.ts";
import type { GraphOptions } from "../scan/options.ts";
import type { GraphReport } from "../scan/report.ts";
import { formatCount, printable } from "../text/mod.ts";
import { GraphProcess, type GraphProgress } from "./graph_process.ts";
import { fitLine, LiveLine } from "./live_line.ts";
import { standardError } from "./terminal.ts";
import { formatShare } from "./units.ts";

/** What a scan's graph is built from. */
export interface ScanGraphSetup {
  /** The run's folder. */
  readonly folder: string;
  readonly options: GraphOptions & { readonly asDatabase: string | undefined };
}

/** How long an interrupted scan waits for its graph. */
const WAIT_INTERRUPTED_MS = 1_000;

/** How often is looked how much of the log is in the graph. */
const LOOK_MS = 250;

/** The graph that is built beside a scan. */
export class ScanGraph {
  readonly #setup: ScanGraphSetup;
  readonly #path: string;
  #builder: GraphProcess;

  private constructor(setup: ScanGraphSetup, path: string, builder: GraphProcess) {
    this.#setup = setup;
    this.#path = path;
    this.#builder = builder;
  }

  /**
   * Starts the builder beside a log that exists. Resolves when it can write the graph: nothing needs to have been sent.
   *
   * @throws {UsageError} when it cannot read what it was given.
   * @throws {Error} when it cannot be started, or cannot write the graph.
   */
  static async start(setup: ScanGraphSetup): Promise<ScanGraph> {
    const { folder, options: { graph, asDatabase } } = setup;
    // Not loaded before there is a graph: a scan is to start fast.
    const { GRAPH_FILE_NAME } = await import("../graph/mod.ts");
    const path = graph ?? join(folder, GRAPH_FILE_NAME);
    const builder = GraphProcess.start({ run: folder, graph: path, asDatabase });
    await builder.ready();
    return new ScanGraph(setup, path, builder);
  }

  /**
   * Lets the builder fold the rest of the log, which is complete; waits as long as was asked for, or for a moment when
   * `interruption` has aborted or does.
   */
  async finish(interruption: AbortSignal, showsProgress: boolean): Promise<GraphReport> {
    const { folder, options } = this.#setup;
    const patience = new AbortController();
    const hurry = () => setTimeout(() => patience.abort(), WAIT_INTERRUPTED_MS);
    const timer = setTimeout(() => patience.abort(), options.graphWaitSeconds * 1000);
    interruption.addEventListener("abort", hurry);
    if (interruption.aborted) hurry();
    const view = new FoldView(folder, this.#path, () => this.#builder.progress);
    if (showsProgress) view.start();
    try {
      let end = await this.#builder.finish(patience.signal);
      if (end.state === "killed") {
        // The next one goes on where it was.
        this.#builder = GraphProcess.start(this.#builder.options);
        end = await this.#builder.finish(patience.signal);
      }
      const { history } = this.#builder.progress;
      const { asDatabase } = options;
      return { path: this.#path, asDatabase, end, history: history && await inWords(history) };
    } finally {
      view.stop();
      clearTimeout(timer);
      interruption.removeEventListener("abort", hurry);
    }
  }
}

async function inWords(history: HistoryCounts): Promise<string> {
  return (await import("./history_counts.ts")).formatHistoryCounts(history);
}

/** The live line while the rest of a log is folded. */
class FoldView {
  readonly #folder: string;
  readonly #line: LiveLine;
  #log: LogSize | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(folder: string, graph: string, read: () => GraphProgress) {
    this.#folder = folder;
    const format = (columns: number) => formatRest(graph, read(), this.#log, columns);
    this.#line = new LiveLine(format, standardError);
  }

  start(): void {
    this.#look();
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    this.#line.start();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#line.stop();
  }

  async #look(): Promise<void> {
    this.#log = await LogSize.of(this.#folder).catch(() => this.#log);
  }
}

/** How much of a log is in its graph, or why nothing moves: at most `columns` characters. */
export function formatRest(
  graph: string,
  progress: GraphProgress,
  log: Pick<LogSize, "octetsBefore" | "octets"> | undefined,
  columns: number,
): string {
  if (progress.waiting) {
    return fitLine([[`graph: waits for another builder of ${printable(graph)}`, 0]], columns);
  }
  const folded = log === undefined ? "the rest" : formatShare(log.octetsBefore(progress), log.octets);
  return fitLine([
    [`graph: ${folded} of the log`, 0],
    [`${formatCount(progress.records)} records`, 1],
  ], columns);
}
