/** `margay sweep` as its user meets it, and what it says beside what is there. */
import { readFile } from "node:fs/promises";
import { margayFromSource } from "../lab/margay.ts";
import type { Verdict } from "../lab/verdicts.ts";

/** How a sweep ended, and its rows. Plain JSON, so that it can leave the lab. */
export interface Swept {
  readonly code: number;
  readonly stderr: string;
  /** Lines of standard output behind the headings; the last one may be torn where it was killed. */
  readonly rows: readonly string[];
  readonly seconds: number;
}

/** Where verdicts aren't those that the targets deserve; a few of each, as `ADDRESS,PORT`. */
export interface Discrepancy {
  /** `TARGET: VERDICT in place of VERDICT`. */
  readonly wrong: readonly string[];
  readonly missing: readonly string[];
  readonly repeated: readonly string[];
  /** Of targets that nobody asked for. */
  readonly unexpected: readonly string[];
}

export const NO_DISCREPANCY: Discrepancy = { wrong: [], missing: [], repeated: [], unexpected: [] };

/** Every verdict, in rows that {@linkcode compareVerdicts} can read. */
export const VERDICT_ROWS = ["--all", "--format", "csv", "--fields", "address,port,verdict"];

/** No sweep of these tests takes nearly as long: one that does hangs. */
const HANG_MILLISECONDS = 60_000;
const NAMED_COUNT_MAX = 5;

/** A sweep that runs. */
export class Sweep {
  readonly #process: Deno.ChildProcess;
  readonly #startedAt = performance.now();
  readonly #streams: Promise<unknown>;
  readonly #hang: ReturnType<typeof setTimeout>;
  #stdout = "";
  #stderr = "";

  /** @param args what stands behind `margay sweep`. */
  constructor(args: readonly string[]) {
    const [program, ...rest] = [...margayFromSource(), "sweep", ...args];
    this.#process = new Deno.Command(program!, {
      args: rest,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#streams = Promise.all([
      collect(this.#process.stdout, (text) => this.#stdout += text),
      collect(this.#process.stderr, (text) => this.#stderr += text),
    ]);
    this.#hang = setTimeout(() => this.#process.kill("SIGKILL"), HANG_MILLISECONDS);
  }

  /** What it has said on standard error so far. */
  get said(): string {
    return this.#stderr;
  }

  /** How many rows it has written to standard output so far. */
  get rowCount(): number {
    return rowsOf(this.#stdout).length;
  }

  kill(signal: Deno.Signal): void {
    this.#process.kill(signal);
  }

  /** Waits for its end. */
  async finish(): Promise<Swept> {
    await this.#streams;
    const { code, signal } = await this.#process.status;
    clearTimeout(this.#hang);
    if (signal === "SIGKILL") {
      throw new Error(`Cannot wait for margay: it hangs, having said: ${this.#stderr}`);
    }
    const seconds = (performance.now() - this.#startedAt) / 1000;
    return { code, stderr: this.#stderr, rows: rowsOf(this.#stdout), seconds };
  }
}

/** Runs `margay sweep` to its end. */
export async function sweep(args: readonly string[]): Promise<Swept> {
  return await new Sweep(args).finish();
}

/** What these tests look at in the metadata that a sweep leaves. */
export interface Metadata {
  readonly outcome: string;
  readonly limit?: string;
  /** Where `--cursor` goes on from. */
  readonly cursor: string;
  readonly counters: { readonly sent: number; readonly open: number };
}

export async function readMetadata(path: string): Promise<Metadata> {
  return JSON.parse(await readFile(path, "utf8"));
}

/** Holds rows of {@linkcode VERDICT_ROWS} against what each target deserves. */
export function compareVerdicts(
  rows: readonly string[],
  expected: ReadonlyMap<string, Verdict>,
): Discrepancy {
  const found = new Map<string, string>();
  const repeated: string[] = [];
  for (const row of rows) {
    const end = row.lastIndexOf(",");
    const target = row.slice(0, end);
    if (found.has(target)) repeated.push(target);
    found.set(target, row.slice(end + 1));
  }
  const wrong = [...found].flatMap(([target, verdict]) => {
    const right = expected.get(target);
    return right === undefined || right === verdict ? [] : [`${target}: ${verdict} in place of ${right}`];
  });
  const some = (targets: readonly string[]) => targets.slice(0, NAMED_COUNT_MAX);
  return {
    wrong: some(wrong),
    missing: some([...expected.keys()].filter((target) => !found.has(target))),
    repeated: some(repeated),
    unexpected: some([...found.keys()].filter((target) => !expected.has(target))),
  };
}

async function collect(stream: ReadableStream<BufferSource>, take: (text: string) => void): Promise<void> {
  for await (const text of stream.pipeThrough(new TextDecoderStream())) take(text);
}

function rowsOf(stdout: string): string[] {
  return stdout.split("\n").slice(1).filter((line) => line !== "");
}
