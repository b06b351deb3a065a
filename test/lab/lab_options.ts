/** What `deno task lab` was asked for. */
export interface LabOptions {
  /** The path of a world file. */
  readonly world: string;
  /** Where else the truth is written. */
  readonly truth?: string;
  /** The command to run in place of a shell, with its arguments; empty for a shell. */
  readonly command: readonly string[];
}

/** Arguments that make no sense. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export const LAB_HELP = `Usage: deno task lab [--truth FILE] WORLD [-- COMMAND...]

Brings the simulated Internet of a world file up, in namespaces of its own, and runs a shell on the scanner's
side of it, or COMMAND. There, margay is the one of this clone. At the end it says what the world has counted.

  WORLD         a world file: test/lab/worlds has some
  --truth FILE  also write there what is to be found (NDJSON)
  -h, --help    show this

Exit status: the shell's or COMMAND's; 127 no such command; 2 bad usage or bad world; 1 otherwise.`;

/**
 * Reads the arguments of `deno task lab`.
 *
 * @throws {UsageError} when they make no sense.
 */
export function parseLabArguments(args: readonly string[]): LabOptions | "help" {
  const end = args.indexOf("--");
  const own = end < 0 ? [...args] : args.slice(0, end);
  const command = end < 0 ? [] : args.slice(end + 1);
  let world: string | undefined;
  let truth: string | undefined;
  while (own.length > 0) {
    const word = own.shift()!;
    if (word === "-h" || word === "--help") return "help";
    if (word === "--truth") {
      truth = own.shift();
      if (truth === undefined) throw new UsageError("Cannot read --truth: a file must follow");
    } else if (word.startsWith("-")) {
      throw new UsageError(`Cannot read ${word}: there is no such option; see deno task lab --help`);
    } else if (world !== undefined) {
      throw new UsageError(
        `Cannot bring ${word} up beside ${world}: one world at a time; a command stands behind --`,
      );
    } else {
      world = word;
    }
  }
  if (world === undefined) {
    throw new UsageError(
      "Cannot bring a world up: none is named; try: deno task lab test/lab/worlds/plain.world",
    );
  }
  return { world, command, ...truth === undefined ? {} : { truth } };
}
