import { inNamespace, namespaceEnvironment, requireNamespaces } from "./namespace.ts";

/** One function of a module, run inside the lab. */
export interface LabFunction {
  /** The module, usually `import.meta.url` of the test that asks. */
  readonly module: string;
  /** The name of the exported function: it takes one JSON value and returns one, or a promise of one. */
  readonly name: string;
  /** What it gets; undefined when absent. */
  readonly argument?: unknown;
}

/**
 * Runs a module's exported function in a child process inside new lab namespaces, for tests, which can't
 * enter themselves. Everything the function leaves behind is gone when it returns.
 *
 * The child's stdout is the function's own but for the last line, which is the result.
 *
 * @returns what the function returned, through JSON.
 * @throws {Error} with the child's stderr when the function throws or the lab can't be made.
 */
export async function runInLab<Result>(call: LabFunction): Promise<Result> {
  await requireNamespaces();
  const child = spawnInLab(call);
  const output = await child.output();
  const decoder = new TextDecoder();
  if (!output.success) {
    throw new Error(`Cannot run ${call.name} in the lab: ${decoder.decode(output.stderr).trim()}`);
  }
  const lines = decoder.decode(output.stdout).trimEnd().split("\n");
  return JSON.parse(lines.at(-1) ?? "null") as Result;
}

/**
 * Starts what {@link runInLab} runs and leaves it to the caller, with stdout and stderr piped.
 */
export function spawnInLab(call: LabFunction): Deno.ChildProcess {
  const argument = JSON.stringify(call.argument ?? null);
  const inside = new URL("./inside.ts", import.meta.url).href;
  const program = [Deno.execPath(), "run", "-A", "--quiet", inside, call.module, call.name, argument];
  const [command, ...args] = inNamespace(program) as [string, ...string[]];
  return new Deno.Command(command, {
    args,
    env: namespaceEnvironment(),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}
