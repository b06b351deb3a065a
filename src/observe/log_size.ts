import { join } from "node:path";
import type { LogPosition } from "./follow.ts";
import { compressedName, listSegments, segmentName } from "./segment.ts";

/** How large the files of a log are, and how much of them stands before a position: what progress is told by. */
export class LogSize {
  /** In octets, of each segment's file. */
  readonly #segments: readonly number[];

  private constructor(segments: readonly number[]) {
    this.#segments = segments;
  }

  /** @throws {LogReadError} when the folder holds no log, or only parts of one. */
  static async of(folder: string): Promise<LogSize> {
    const { count, plain } = await listSegments(folder);
    const numbers = Array.from({ length: count }, (_, index) => index + 1);
    const sizes = numbers.map(async (number) => {
      const name = plain.has(number) ? segmentName(number) : compressedName(number);
      // It may get its other name in this moment.
      return await Deno.stat(join(folder, name)).then(({ size }) => size, () => 0);
    });
    return new LogSize(await Promise.all(sizes));
  }

  get octets(): number {
    return sum(this.#segments);
  }

  /** Of a compressed segment less stands there than lines say; it counts once it is through. */
  octetsBefore({ segment, offset }: LogPosition): number {
    return sum(this.#segments.slice(0, segment - 1)) + Math.min(offset, this.#segments[segment - 1] ?? 0);
  }
}

function sum(sizes: readonly number[]): number {
  return sizes.reduce((sum, size) => sum + size, 0);
}
