import { join } from "node:path";
import { LogReadError } from "./read_error.ts";
import { reasonOf } from "../text/mod.ts";

/** The file name of the log's `number`th segment, counted from 1. */
export function segmentName(number: number): string {
  return `${String(number).padStart(6, "0")}.ndjson`;
}

/** What a segment is called once it is finished and compressed. */
export function compressedName(number: number): string {
  return `${segmentName(number)}.gz`;
}

/** What the compressed segment is called until it is whole. */
export function unfinishedName(number: number): string {
  return `${compressedName(number)}.part`;
}

/** The numbers of segments that a folder holds, plain and compressed ones; one that is both stands in both. */
export interface SegmentList {
  readonly count: number;
  readonly plain: ReadonlySet<number>;
  readonly compressed: ReadonlySet<number>;
  /** Names of what a compression that was killed has left. */
  readonly unfinished: readonly string[];
}

/** @throws {LogReadError} when the folder holds no log, or only parts of one. */
export async function listSegments(folder: string): Promise<SegmentList> {
  let list = await readNames(folder);
  // A segment that gets its other name while the folder is read can be seen under neither.
  if (firstMissing(list) !== undefined) list = await readNames(folder);
  const missing = firstMissing(list);
  if (list.count === 0) {
    throw new LogReadError(`Cannot read the log in ${folder}: it holds no segment such as ${segmentName(1)}`);
  }
  if (missing !== undefined) {
    throw new LogReadError(`Cannot read the log in ${folder}: ${segmentName(missing)} is missing`);
  }
  return list;
}

async function readNames(folder: string): Promise<SegmentList> {
  const plain = new Set<number>();
  const compressed = new Set<number>();
  const unfinished: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) {
      const match = /^(\d{6,15})\.ndjson(|\.gz|\.gz\.part)$/.exec(name);
      if (!match) continue;
      if (match[2] === ".gz.part") unfinished.push(name);
      else (match[2] === "" ? plain : compressed).add(Number(match[1]));
    }
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound
      ? "there is no such folder"
      : error instanceof Deno.errors.NotADirectory
      ? "it is a file; name the folder of a run"
      : reasonOf(error);
    throw new LogReadError(`Cannot read the log in ${folder}: ${reason}`, { cause: error });
  }
  return { count: plain.union(compressed).size, plain, compressed, unfinished };
}

/** The first number that neither kind of segment has, below one that does. */
function firstMissing({ count, plain, compressed }: SegmentList): number | undefined {
  for (let number = 1; number <= count; number += 1) {
    if (!plain.has(number) && !compressed.has(number)) return number;
  }
}

/** The octets of one segment's lines, from a file that may still grow or from a compressed one. */
export interface SegmentOctets {
  readonly path: string;
  readonly isCompressed: boolean;
  /** Reads the next octets into `bytes`, resolves to how many; null at the end, which may be one for now only. */
  read(bytes: Uint8Array): Promise<number | null>;
  /** Goes to an octet of the lines; in a compressed segment only forwards. */
  seek(offset: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a segment, plain or compressed; undefined when there is no such one. A plain segment is removed only after the
 * compressed one is in its place, so one of the two is always found.
 */
export async function openSegment(folder: string, number: number): Promise<SegmentOctets | undefined> {
  const path = join(folder, segmentName(number));
  const plain = await openFile(path);
  if (plain) return new PlainOctets(path, plain);
  const compressedPath = join(folder, compressedName(number));
  const compressed = await openFile(compressedPath);
  return compressed && new CompressedOctets(compressedPath, compressed);
}

async function openFile(path: string): Promise<Deno.FsFile | undefined> {
  try {
    // To open a pipe waits for somebody who writes, and a device never ends.
    if (!(await Deno.stat(path)).isFile) throw new Error("it is no file");
    return await Deno.open(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw readFailure(path, error);
  }
}

/** Whether there is such a segment. */
export async function hasSegment(folder: string, number: number): Promise<boolean> {
  const exists = (name: string) => Deno.stat(join(folder, name)).then(() => true, () => false);
  return await exists(segmentName(number)) || await exists(compressedName(number));
}

function readFailure(path: string, error: unknown): LogReadError {
  return new LogReadError(`Cannot read ${path}: ${reasonOf(error)}`, { cause: error });
}

class PlainOctets implements SegmentOctets {
  readonly path: string;
  readonly isCompressed = false;
  readonly #file: Deno.FsFile;

  constructor(path: string, file: Deno.FsFile) {
    this.path = path;
    this.#file = file;
  }

  async read(bytes: Uint8Array): Promise<number | null> {
    try {
      return await this.#file.read(bytes);
    } catch (error) {
      throw readFailure(this.path, error);
    }
  }

  async seek(offset: number): Promise<void> {
    await this.#file.seek(offset, Deno.SeekMode.Start);
  }

  close(): Promise<void> {
    this.#file.close();
    return Promise.resolve();
  }
}

/** What is skipped at a time on the way to an offset. */
const SKIPPED_BYTES = 64 * 1024;

class CompressedOctets implements SegmentOctets {
  readonly path: string;
  readonly isCompressed = true;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #piece: Uint8Array = new Uint8Array();
  #offset = 0;

  constructor(path: string, file: Deno.FsFile) {
    this.path = path;
    this.#reader = file.readable.pipeThrough(new DecompressionStream("gzip")).getReader();
  }

  async read(bytes: Uint8Array): Promise<number | null> {
    while (this.#piece.length === 0) {
      try {
        const { done, value } = await this.#reader.read();
        if (done) return null;
        this.#piece = value;
      } catch (error) {
        throw new LogReadError(`Cannot read ${this.path}: it is cut off or no gzip (${reasonOf(error)})`, {
          cause: error,
        });
      }
    }
    const part = this.#piece.subarray(0, bytes.length);
    bytes.set(part);
    this.#piece = this.#piece.subarray(part.length);
    this.#offset += part.length;
    return part.length;
  }

  async seek(offset: number): Promise<void> {
    const skipped = new Uint8Array(SKIPPED_BYTES);
    while (this.#offset < offset) {
      if (await this.read(skipped.subarray(0, offset - this.#offset)) === null) return;
    }
  }

  async close(): Promise<void> {
    // What went wrong with the stream has been told by read.
    await this.#reader.cancel().catch(() => {});
  }
}
