import { TargetError } from "./target_error.ts";

/**
 * Far more than any target or blocklist entry has; what is longer is no such list, and would have to be held in
 * memory whole.
 */
const LINE_LENGTH_MAX = 4096;

/** Reads a file, or standard input for `-`, as batches of lines: whole lines, in order, without their ends. */
export type ReadLines = (path: string) => AsyncIterable<readonly string[]>;

/** One line that says something. */
export interface Entry {
  readonly text: string;
  /** Where it stands: `targets.txt:3`. */
  readonly source: string;
}

/** {@linkcode ReadLines} from the system. */
export async function* readLines(path: string): AsyncGenerator<readonly string[]> {
  let rest = "";
  try {
    const stream = path === "-" ? Deno.stdin.readable : (await Deno.open(path)).readable;
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      yield lines;
      if (rest.length > LINE_LENGTH_MAX) break;
    }
  } catch (error) {
    throw new TargetError(`Cannot read ${sourceName(path)}: ${describeError(error)}`);
  }
  yield [rest];
}

/** The entries of a list, one a line; `#` starts a comment. */
export async function* readEntries(path: string, read: ReadLines): AsyncGenerator<readonly Entry[]> {
  const name = sourceName(path);
  let lineNumber = 0;
  for await (const lines of read(path)) {
    const entries: Entry[] = [];
    for (const line of lines) {
      lineNumber += 1;
      const source = `${name}:${lineNumber}`;
      if (line.length > LINE_LENGTH_MAX) {
        throw new TargetError(
          `Cannot read the line: it is longer than ${LINE_LENGTH_MAX} characters`,
          source,
        );
      }
      const comment = line.indexOf("#");
      const text = (comment < 0 ? line : line.slice(0, comment)).trim();
      if (text !== "") entries.push({ text, source });
    }
    yield entries;
  }
}

function sourceName(path: string): string {
  return path === "-" ? "standard input" : path;
}

function describeError(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  return error instanceof Error ? error.message : String(error);
}
