import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** How margay is run. */
export interface MargayOptions {
  /** The command that runs it, up to the first argument; {@link margayFromSource} unless told. */
  readonly command?: readonly string[];
  /** The folder it runs in; the caller's unless told. */
  readonly folder?: string;
  /** Whether its stderr is the caller's; else it is kept. */
  readonly isShown?: boolean;
}

/** What became of it. */
export interface MargayResult {
  readonly exitCode: number;
  /** What it wrote to stderr; empty when that was shown. */
  readonly standardError: string;
  /** The most memory it held at once, in octets. */
  readonly residentBytesMax: number;
}

/** Memory is looked at this often; the kernel keeps the mark, so only the last moments go unseen. */
const POLL_MILLISECONDS = 100;

/** The command that runs margay from its source. */
export function margayFromSource(): string[] {
  const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
  const config = path("../../deno.json");
  // As the task `scan` does.
  const flags = "--v8-flags=--min-semi-space-size=16,--max-semi-space-size=16,--heap-growing-percent=200";
  return [Deno.execPath(), "run", "-A", flags, "--quiet", "--config", config, path("../../src/main.ts")];
}

/** Runs margay as a user would, in a process of its own, to its end. */
export async function runMargay(
  arguments_: readonly string[],
  options: MargayOptions = {},
): Promise<MargayResult> {
  const command = options.command ?? margayFromSource();
  const [program, ...args] = [...command, ...arguments_] as [string, ...string[]];
  const child = new Deno.Command(program, {
    args,
    ...(options.folder === undefined ? {} : { cwd: options.folder }),
    stdin: "null",
    stdout: "null",
    stderr: options.isShown ? "inherit" : "piped",
  }).spawn();
  let residentBytesMax = 0;
  const polling = setInterval(async () => {
    residentBytesMax = Math.max(residentBytesMax, await residentBytesMaxOf(child.pid));
  }, POLL_MILLISECONDS);
  try {
    const standardError = options.isShown ? "" : await new Response(child.stderr).text();
    const { code: exitCode } = await child.status;
    return { exitCode, standardError, residentBytesMax };
  } finally {
    clearInterval(polling);
  }
}

/** The kernel's high-water mark of a process, in octets; 0 when the process has ended. */
async function residentBytesMaxOf(processId: number): Promise<number> {
  const status = await readFile(`/proc/${processId}/status`, "utf8").catch(() => "");
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}
