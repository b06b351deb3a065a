import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** How margay is run. */
export interface MargayOptions {
  /** The command that runs it, up to the first argument; {@link margayFromSource} unless told. */
  readonly command?: readonly string[];
  /** Passes what it writes to stderr on as it comes; it is only kept unless told. */
  readonly isShown?: boolean;
}

/** What became of it. */
export interface MargayResult {
  readonly exitCode: number;
  readonly standardError: string;
  /** The most memory it held at once, in octets. */
  readonly residentBytesMax: number;
}

/** Memory is looked at this often; what it grows in between at the very end goes unseen. */
const POLL_MILLISECONDS = 100;

/** The command that runs margay from its source, as a developer would. */
export function margayFromSource(): string[] {
  const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
  const config = path("../../deno.json");
  return [Deno.execPath(), "run", "-A", "--quiet", "--config", config, path("../../src/main.ts")];
}

/** Runs margay as a user would, in a process of its own, to its end. */
export async function runMargay(
  arguments_: readonly string[],
  options: MargayOptions = {},
): Promise<MargayResult> {
  const [command, ...args] = [...options.command ?? margayFromSource(), ...arguments_] as [
    string,
    ...string[],
  ];
  const child = new Deno.Command(command, { args, stdin: "null", stdout: "null", stderr: "piped" }).spawn();
  let residentBytesMax = 0;
  const polling = setInterval(async () => {
    residentBytesMax = Math.max(residentBytesMax, await residentBytesMaxOf(child.pid));
  }, POLL_MILLISECONDS);
  try {
    let standardError = "";
    const decoder = new TextDecoder();
    for await (const chunk of child.stderr) {
      standardError += decoder.decode(chunk, { stream: true });
      if (options.isShown) Deno.stderr.writeSync(chunk);
    }
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
