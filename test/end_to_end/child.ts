/** margay as its user meets it: a process with arguments, streams, signals and an exit code. */
import { setTimeout as delay } from "node:timers/promises";
import { margayFromSource } from "../lab/margay.ts";

/** How a process ended and what it said. */
export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ChildOptions {
  /** The command that runs margay, up to `scan`. */
  readonly command?: readonly string[];
  readonly folder?: string;
  /** What it reads on standard input; nothing unless told. */
  readonly input?: string;
}

/** No run of these tests takes nearly as long: a process that does hangs. */
const HANG_MILLISECONDS = 60_000;

/** A process that runs `margay scan`. */
export class Child {
  private hasReader = true;
  private readonly stderr: Promise<string>;
  private readonly hang: ReturnType<typeof setTimeout>;

  private constructor(private readonly process: Deno.ChildProcess) {
    this.stderr = new Response(process.stderr).text();
    this.hang = setTimeout(() => process.kill("SIGKILL"), HANG_MILLISECONDS);
  }

  static async start(args: readonly string[], options: ChildOptions = {}): Promise<Child> {
    const command = [...options.command ?? margayFromSource(), "scan", ...args];
    const process = new Deno.Command(command[0]!, {
      args: command.slice(1),
      ...(options.folder === undefined ? {} : { cwd: options.folder }),
      stdin: options.input === undefined ? "null" : "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    if (options.input !== undefined) {
      // A margay that refuses its arguments may be gone before it reads.
      await new Response(options.input).body!.pipeTo(process.stdin).catch(() => {});
    }
    return new Child(process);
  }

  kill(signal: Deno.Signal): void {
    this.process.kill(signal);
  }

  /** Reads what comes first on its standard output and leaves, as `head` does. */
  async readHead(): Promise<string> {
    this.hasReader = false;
    const reader = this.process.stdout.getReader();
    const { value } = await reader.read();
    await reader.cancel();
    return new TextDecoder().decode(value);
  }

  /** Waits for its end. `stdout` is empty after {@link readHead}. */
  async finish(): Promise<Finished> {
    const stdout = this.hasReader ? await new Response(this.process.stdout).text() : "";
    const { code, signal } = await this.process.status;
    clearTimeout(this.hang);
    const stderr = await this.stderr;
    if (signal === "SIGKILL") throw new Error(`Cannot wait for margay: it hangs, having said: ${stderr}`);
    return { code, stdout, stderr };
  }
}

/** Runs `margay scan` to its end. */
export async function scan(args: readonly string[], options: ChildOptions = {}): Promise<Finished> {
  const child = await Child.start(args, options);
  return await child.finish();
}

/** Asks again and again until `condition` holds. */
export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt++) {
    if (await condition()) return;
    await delay(20);
  }
  throw new Error(`Cannot wait any longer: ${what} did not happen in 8 seconds`);
}
