import { fileURLToPath } from "node:url";
import type { HistoryCounts } from "../graph/history/mod.ts";
import type { LogPosition } from "../observe/mod.ts";
import { UsageError } from "../scan/errors.ts";
import type { GraphEnd } from "../scan/report.ts";
import { ExitCode } from "./exit_code.ts";

/** What a graph is built from, and into. */
export interface GraphProcessOptions {
  /** The run's folder. */
  readonly run: string;
  readonly graph: string;
  readonly asDatabase: string | undefined;
}

/** How far a builder has come in the log, as it tells. */
export interface GraphProgress extends LogPosition {
  readonly records: number;
  /** Another builder has the graph. */
  readonly waiting: boolean;
  /** Changes since the other runs of the graph, told last; undefined where there are none. */
  readonly history?: HistoryCounts;
}

/** How a builder ended, and where it failed, whether what it was given is at fault. */
type BuilderEnd = GraphEnd & { readonly isUsage?: boolean };

/** What is kept of a builder's complaints, in characters. */
const COMPLAINT_LENGTH_MAX = 4_096;

/**
 * The graph builder beside a scan: `margay graph build --follow`, a process of its own at the lowest priority. The scan
 * never waits for it while it scans. As long as this process holds the builder's standard input there may be more to
 * fold; a scan that is killed lets go of it too.
 */
export class GraphProcess {
  readonly #process: Deno.ChildProcess;
  readonly #complaint: Promise<string>;
  readonly #toldAll: Promise<void>;
  readonly #hasGraph = Promise.withResolvers<void>();
  #progress: GraphProgress = { segment: 1, offset: 0, records: 0, waiting: false };

  private constructor(readonly options: GraphProcessOptions, process: Deno.ChildProcess) {
    this.#process = process;
    this.#complaint = readStart(process.stderr);
    this.#toldAll = this.#listen(process.stdout);
  }

  /** @throws {Error} when the process cannot be started. */
  static start(options: GraphProcessOptions): GraphProcess {
    const { run, graph, asDatabase } = options;
    const [program, ...args] = [
      ...thisProgram(),
      ...["graph", "build", "--follow", run, "--graph", graph],
      ...asDatabase === undefined ? [] : ["--asn-db", asDatabase],
    ];
    const streams = { stdin: "piped", stdout: "piped", stderr: "piped" } as const;
    return new GraphProcess(options, new Deno.Command(program!, { args, ...streams }).spawn());
  }

  /**
   * Resolves when the builder can write the graph, if only after another builder.
   *
   * @throws {UsageError} when it cannot read what it was given.
   * @throws {Error} when it cannot write the graph.
   */
  async ready(): Promise<void> {
    const end = await Promise.race([this.#hasGraph.promise, this.#end()]);
    // One that was killed has found no fault with the graph.
    if (end?.state === "failed") throw end.isUsage ? new UsageError(end.reason) : new Error(end.reason);
  }

  /** What the builder told last. */
  get progress(): GraphProgress {
    return this.#progress;
  }

  /**
   * Tells the builder that the log is complete. Resolves when all of it is in the graph, or when `patience` aborts: the
   * builder then goes on in the background.
   */
  async finish(patience: AbortSignal): Promise<GraphEnd> {
    // A builder that has failed holds no other end any more.
    await this.#process.stdin.close().catch(() => {});
    const behind = Promise.withResolvers<GraphEnd>();
    const leave = () => behind.resolve({ state: "behind" });
    patience.addEventListener("abort", leave);
    if (patience.aborted) leave();
    const end = await Promise.race([this.#end(), behind.promise]);
    patience.removeEventListener("abort", leave);
    return end;
  }

  async #end(): Promise<BuilderEnd> {
    const { success, code, signal } = await this.#process.status;
    await this.#toldAll;
    if (success) return { state: "complete" };
    if (signal !== null) return { state: "killed" };
    const reason = (await this.#complaint).trim().split("\n").at(-1)!.replace(/^margay: /, "");
    return { state: "failed", reason, isUsage: code === ExitCode.badUsage };
  }

  async #listen(output: ReadableStream<BufferSource>): Promise<void> {
    let rest = "";
    for await (const text of output.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      for (const line of lines) this.#progress = { ...this.#progress, ...JSON.parse(line) };
      if (lines.length > 0) this.#hasGraph.resolve();
    }
  }
}

/** The command that runs margay as it runs now. */
function thisProgram(): string[] {
  if (Deno.build.standalone) return [Deno.execPath()];
  return [Deno.execPath(), "run", "-A", "--quiet", fileURLToPath(Deno.mainModule)];
}

/** Reads to the end and keeps what came first. */
async function readStart(stream: ReadableStream<BufferSource>): Promise<string> {
  let start = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    if (start.length < COMPLAINT_LENGTH_MAX) start += text;
  }
  return start;
}
