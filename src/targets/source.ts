import { fileStateOf } from "../text/mod.ts";
import { TargetError } from "./target_error.ts";

/** Reads a file, or standard input for `-`, piece by piece. A piece is valid until the next one is asked for. */
export type ReadOctets = (path: string) => AsyncIterable<Uint8Array>;

const PIECE_SIZE = 256 * 1024;

/**
 * {@linkcode ReadOctets} from the system.
 *
 * @throws {TargetError} "Cannot read ...".
 */
export async function* readOctets(path: string): AsyncGenerator<Uint8Array> {
  try {
    const buffer = new Uint8Array(PIECE_SIZE);
    using file = path === "-" ? undefined : await Deno.open(path);
    const input = file ?? Deno.stdin;
    for (let size = await input.read(buffer); size !== null; size = await input.read(buffer)) {
      yield buffer.subarray(0, size);
    }
  } catch (error) {
    throw new TargetError(`Cannot read ${sourceName(path)}: ${fileStateOf(error)}`);
  }
}

/** What a path is called where its lines are named. */
export function sourceName(path: string): string {
  return path === "-" ? "standard input" : path;
}
