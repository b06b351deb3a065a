import { createWriteStream } from "node:fs";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { getSystemErrorMap } from "node:util";
import { builtProgram } from "./built_program.ts";
import { LAB_FOLDER } from "./cable.ts";
import type { LabOptions } from "./lab_options.ts";
import { countersTable, greeting } from "./lab_words.ts";
import { margayFromSource } from "./margay.ts";
import { type Simulation, withSimulation } from "./simulation.ts";
import { toolFolders } from "./tools.ts";

const PROGRAMS = join(LAB_FOLDER, "bin");
const TRUTH_FILE = join(LAB_FOLDER, "truth.ndjson");
const BASH_STARTUP = join(LAB_FOLDER, "bashrc");

/** A larger world's truth would fill the lab's memory. */
const ADDRESS_COUNT_WRITTEN_MAX = 2 ** 20;

/** As shells have it. */
const NOT_EXECUTABLE = 126;
const NOT_FOUND = 127;
const INTERRUPTED = 130;

/** A command that can't be run. */
export class CommandError extends Error {
  override readonly name = "CommandError";

  constructor(message: string, readonly exitCode: number) {
    super(message);
  }
}

/** Brings the world up, runs the shell or the command, and resolves to its exit code. */
export async function runInside({ world, truth, command }: LabOptions): Promise<number> {
  // A Ctrl-C reaches every process of the terminal's foreground, and is for the command once there is one.
  let isRunning = false;
  Deno.addSignalListener("SIGINT", () => {
    if (!isRunning) Deno.exit(INTERRUPTED);
  });
  return await withSimulation({ world }, async (internet) => {
    const isSmall = addressCount(internet) <= ADDRESS_COUNT_WRITTEN_MAX;
    const portCount = isSmall ? await writeTruth(internet, TRUTH_FILE) : undefined;
    if (truth !== undefined) await writeTruth(internet, truth);
    await furnish(internet);
    const isShell = command.length === 0;
    say(greeting(internet, {
      name: basename(world),
      truth: portCount === undefined ? undefined : { path: TRUTH_FILE, portCount },
      isShell,
    }));
    isRunning = true;
    const exitCode = await run(isShell ? shell() : command);
    say(countersTable(await internet.readCounters()));
    return exitCode;
  });
}

function addressCount({ prefixes }: Simulation): number {
  return prefixes.reduce((sum, { prefix }) => {
    const [address = "", length] = prefix.split("/");
    return sum + 2 ** ((address.includes(":") ? 128 : 32) - Number(length));
  }, 0);
}

/** Writes what is there to be found, and returns how many open ports that is. */
async function writeTruth(internet: Simulation, path: string): Promise<number> {
  let portCount = 0;
  const lines = async function* () {
    for await (const line of internet.truthLines()) {
      if (line.startsWith('{"record":"target"')) portCount++;
      yield `${line}\n`;
    }
  };
  await pipeline(Readable.from(lines()), createWriteStream(path, { flags: "wx" })).catch((cause) => {
    const [, reason] = getSystemErrorMap().get(cause.errno) ?? [];
    throw reason === undefined ? cause : new Error(`Cannot write ${path}: ${reason}`, { cause });
  });
  return portCount;
}

/** Makes what the shell finds: its programs, and for bash a prompt that its user's own startup leaves alone. */
async function furnish({ files }: Simulation): Promise<void> {
  await Deno.mkdir(PROGRAMS, { recursive: true });
  await writeProgram("margay", margayFromSource());
  const compare = fileURLToPath(new URL("./compare.ts", import.meta.url));
  await writeProgram("compare", [
    Deno.execPath(),
    "run",
    "-A",
    "--quiet",
    compare,
    files.world,
    files.chains,
  ]);
  await writeProgram("truth", [await builtProgram("responder"), "truth", files.world, files.chains]);
  await Deno.writeTextFile(
    BASH_STARTUP,
    `if test -r ~/.bashrc; then . ~/.bashrc; fi\nPATH=${PROGRAMS}:$PATH\nPS1="lab $PS1"\n`,
  );
}

async function writeProgram(name: string, command: readonly string[]): Promise<void> {
  const text = `#!/bin/sh\nexec ${command.map(quoted).join(" ")} "$@"\n`;
  await Deno.writeTextFile(join(PROGRAMS, name), text, { mode: 0o755 });
}

function shell(): string[] {
  const program = Deno.env.get("SHELL") || "sh";
  return basename(program) === "bash" ? [program, "--rcfile", BASH_STARTUP] : [program];
}

async function run(command: readonly string[]): Promise<number> {
  const [program, ...args] = command as [string, ...string[]];
  const PATH = [PROGRAMS, ...toolFolders()].join(":");
  try {
    const child = new Deno.Command(program, {
      args,
      env: { PATH, PS1: "lab $ " },
      stdin: "inherit",
      stdout: "inherit",
      stderr: "inherit",
    }).spawn();
    return (await child.status).code;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new CommandError(`Cannot run ${program}: there is no such command`, NOT_FOUND);
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      throw new CommandError(`Cannot run ${program}: permission denied`, NOT_EXECUTABLE);
    }
    throw error;
  }
}

/** For the shell: one word, whatever is in it. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** On stderr: stdout is the command's. */
function say(lines: readonly string[]): void {
  console.error(lines.join("\n"));
}
