import { dirname, join, resolve } from "node:path";
import { Compression } from "./compression.ts";
import { FileLock } from "./file_lock.ts";
import { followLog, type TornEnd } from "./follow.ts";
import { NEWLINE } from "./line_cutter.ts";
import type { Observation } from "./observation.ts";
import { reasonOf } from "../text/mod.ts";
import { RecordQueue } from "./record_queue.ts";
import { compressedName, listSegments, segmentName } from "./segment.ts";
import { syncFolder } from "./sync_folder.ts";
import { LogWriteError, type ObservationSink } from "./sink.ts";

/** What the log needs of an open file; a `Deno.FsFile` has it. */
export interface SegmentFile {
  /** Writes some of `bytes` at the end, resolves to how many. */
  write(bytes: Uint8Array): Promise<number>;
  truncate(length: number): Promise<void>;
  /** Makes what was written outlast a loss of power. */
  syncData(): Promise<void>;
  close(): void;
}

/** How a log is written. */
export interface LogOptions {
  /** A segment that would grow beyond this many octets is followed by a new one. 256 MiB by default. */
  readonly segmentBytes?: number | undefined;
  /** Whether finished segments are compressed (gzip), as `000001.ndjson.gz`; the last when the log is closed. */
  readonly compresses?: boolean;
  /** Told what went wrong and does no harm: a segment that could not be compressed. */
  readonly onWarning?: (message: string) => void;
  /** Opens a new segment, for tests. */
  readonly openSegment?: ((path: string) => Promise<SegmentFile>) | undefined;
}

/** How a log is gone on with. */
export interface ReopenOptions extends LogOptions {
  /** Told of all that stands there before anything is changed; what it throws is thrown on, the log untouched. */
  readonly onRecords?: (records: readonly Observation[]) => void;
}

/** A log that is gone on with. */
export interface ReopenedLog {
  readonly log: LogWriter;
  /** What was cut off behind the last line, if there was something. */
  readonly repair: TornEnd | undefined;
}

/** The size that a segment has by default. */
const SEGMENT_BYTES = 256 * 1024 * 1024;

/** What is locked in a folder by whoever writes there. */
const LOCK_NAME = ".lock";

/**
 * The append-only log of a run: NDJSON segments `000001.ndjson`, `000002.ndjson` and so on in the run's folder. A line
 * is never split over two segments. One process at a time writes it ({@linkcode FileLock}); any number may read.
 *
 * When a record is safe:
 * - {@linkcode append} keeps it in memory, until about 256 KiB are together or {@linkcode flush} is called;
 * - {@linkcode flush} makes it outlast the process, SIGKILL included;
 * - {@linkcode sync} makes it outlast a loss of power: the segment's data are on the disk, where its entry in the
 *   folder is from the start. The end of a segment and {@linkcode close} do so too.
 *
 * What a killed process or a loss of power left behind the last line is cut off by {@linkcode LogWriter.reopen}. When a
 * write fails the segment is cut back to its last whole line, so what is written reads back whole.
 */
export class LogWriter implements ObservationSink {
  readonly folder: string;
  readonly #isNewFolder: boolean;
  readonly #lock: FileLock;
  readonly #segmentBytes: number;
  readonly #openSegment: LogOptions["openSegment"];
  readonly #compression: Compression | undefined;
  readonly #queue = new RecordQueue((lines) => this.#write(lines));
  #segment: OpenSegment;

  private constructor(setup: WriterSetup, options: LogOptions) {
    this.folder = setup.folder;
    this.#isNewFolder = setup.isNewFolder;
    this.#lock = setup.lock;
    this.#segment = setup.segment;
    this.#segmentBytes = options.segmentBytes ?? SEGMENT_BYTES;
    this.#openSegment = options.openSegment;
    if (options.compresses) {
      this.#compression = new Compression(setup.folder, options.onWarning ?? (() => {}));
    }
  }

  /**
   * Starts a log in `folder`, which is made when it doesn't exist.
   *
   * @throws {LogWriteError} when the folder holds something, is no folder, or cannot be written to.
   */
  static async create(folder: string, options: LogOptions = {}): Promise<LogWriter> {
    const isNewFolder = await Deno.lstat(folder).then(() => false, () => true);
    let lock: FileLock | undefined;
    try {
      await Deno.mkdir(folder, { recursive: true });
      for await (const { name } of Deno.readDir(folder)) {
        throw new Error(`the folder is not empty (it holds ${name}); name another one with -o`);
      }
      lock = lockFolder(folder);
      const segment = await begin(folder, 1, options.openSegment);
      // The folder's own entry; who may not read the folder above cannot see to it.
      await syncFolder(dirname(resolve(folder))).catch(() => {});
      return new LogWriter({ folder, isNewFolder, lock, segment }, options);
    } catch (error) {
      lock?.release();
      throw new LogWriteError(`Cannot start a log in ${folder}: ${reasonOf(error)}`, { cause: error });
    }
  }

  /**
   * Goes on with a log behind its last line, in a segment of its own. All of it is read before; what a killed run or a
   * loss of power left behind the last line is then cut off.
   *
   * @throws {LogReadError} when there is no log, or one that is damaged before its end. Nothing is changed then.
   * @throws {LogWriteError} when another process writes it, or it cannot be written to.
   */
  static async reopen(folder: string, options: ReopenOptions = {}): Promise<ReopenedLog> {
    await listSegments(folder);
    let lock: FileLock;
    try {
      lock = lockFolder(folder);
    } catch (error) {
      throw new LogWriteError(`Cannot go on with the log in ${folder}: ${reasonOf(error)}`, { cause: error });
    }
    try {
      let repair: TornEnd | undefined;
      for await (const { records } of followLog(folder, { onTornEnd: (torn) => repair = torn })) {
        options.onRecords?.(records);
      }
      const { segment, finished } = await startAnother(folder, repair, options.openSegment);
      const log = new LogWriter({ folder, isNewFolder: false, lock, segment }, options);
      for (const number of finished) log.#compression?.add(number);
      return { log, repair };
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  get full(): boolean {
    return this.#queue.full;
  }

  append(record: Observation | string): void {
    this.#queue.append(record);
  }

  flush(): Promise<void> {
    return this.#queue.flush();
  }

  /** {@linkcode flush}, and onto the disk itself. */
  async sync(): Promise<void> {
    await this.#queue.flush();
    try {
      await this.#segment.file.syncData();
    } catch (error) {
      throw this.#writeError(error);
    }
  }

  async close(): Promise<void> {
    try {
      if (!this.#queue.failed) {
        await this.sync();
        this.#compression?.add(this.#segment.number);
      }
    } finally {
      this.#segment.file.close();
      await this.#compression?.done();
      this.#lock.release();
    }
  }

  async discard(): Promise<void> {
    this.#segment.file.close();
    await Deno.remove(join(this.folder, segmentName(this.#segment.number)));
    this.#lock.release();
    // What others have put there stays.
    if (this.#isNewFolder) await Deno.remove(this.folder).catch(() => {});
  }

  async #write(lines: Uint8Array): Promise<void> {
    try {
      for (let rest = lines; rest.length > 0;) {
        const part = rest.subarray(0, lengthThatFits(rest, this.#segmentBytes - this.#segment.length));
        // What fits into no segment gets one of its own.
        if (part.length === 0 && this.#segment.length > 0) {
          await this.#startNextSegment();
          continue;
        }
        const length = part.length || rest.indexOf(NEWLINE) + 1;
        await this.#writeWholeLines(rest.subarray(0, length));
        rest = rest.subarray(length);
      }
    } catch (error) {
      throw this.#writeError(error);
    }
  }

  async #startNextSegment(): Promise<void> {
    const { number, file } = this.#segment;
    await file.syncData();
    const next = await begin(this.folder, number + 1, this.#openSegment);
    file.close();
    this.#compression?.add(number);
    this.#segment = next;
  }

  async #writeWholeLines(lines: Uint8Array): Promise<void> {
    const segment = this.#segment;
    let written = 0;
    try {
      while (written < lines.length) written += await segment.file.write(lines.subarray(written));
      segment.length += written;
    } catch (error) {
      segment.length += lines.subarray(0, written).lastIndexOf(NEWLINE) + 1;
      // A disk that refuses this too leaves a torn last line, which the reader passes over.
      await segment.file.truncate(segment.length).catch(() => {});
      throw error;
    }
  }

  #writeError(error: unknown): LogWriteError {
    const path = join(this.folder, segmentName(this.#segment.number));
    const wayOut = isDiskFull(error)
      ? `; free space, then go on with margay scan --resume ${this.folder}`
      : "";
    return new LogWriteError(`Cannot write ${path}: ${reasonOf(error)}${wayOut}`, { cause: error });
  }
}

interface OpenSegment {
  readonly number: number;
  readonly file: SegmentFile;
  length: number;
}

interface WriterSetup {
  readonly folder: string;
  readonly isNewFolder: boolean;
  readonly lock: FileLock;
  readonly segment: OpenSegment;
}

function lockFolder(folder: string): FileLock {
  const lock = FileLock.acquire(join(folder, LOCK_NAME));
  if (lock) return lock;
  throw new Error("it is being written by another margay; wait for it to end, or stop it");
}

/** Begins a segment; its entry in the folder is on the disk before a line of it can be. */
async function begin(folder: string, number: number, openNew = openNewFile): Promise<OpenSegment> {
  const file = await openNew(join(folder, segmentName(number)));
  try {
    await syncFolder(folder);
  } catch (error) {
    file.close();
    throw error;
  }
  return { number, file, length: 0 };
}

/**
 * Cuts a torn end off, removes what a compression that was killed has left, and begins a segment. Never is a line
 * written where one was lost: a position that a reader has kept still holds, or lies beyond the end of its segment.
 */
async function startAnother(
  folder: string,
  torn: TornEnd | undefined,
  openNew: LogOptions["openSegment"],
): Promise<{ segment: OpenSegment; finished: Iterable<number> }> {
  const { count, plain, compressed, unfinished } = await listSegments(folder);
  try {
    if (plain.has(count)) {
      using file = await Deno.open(join(folder, segmentName(count)), { write: true });
      if (torn) await file.truncate(torn.offset);
      // A killed process wrote it and never came to sync it: what follows must not be on the disk before.
      await file.syncData();
    }
    // Of a segment that is both, the plain one is what was read.
    const twice = [...plain.intersection(compressed)].map(compressedName);
    for (const name of [...unfinished, ...twice]) await Deno.remove(join(folder, name));
    return { segment: await begin(folder, count + 1, openNew), finished: plain };
  } catch (error) {
    throw new LogWriteError(`Cannot go on with the log in ${folder}: ${reasonOf(error)}`, { cause: error });
  }
}

/** How many octets of these lines are whole lines and no more than `room`. */
function lengthThatFits(lines: Uint8Array, room: number): number {
  if (lines.length <= room) return lines.length;
  return room <= 0 ? 0 : lines.lastIndexOf(NEWLINE, room - 1) + 1;
}

/** Linux's names for a full disk and a full quota. */
const FULL: readonly unknown[] = ["ENOSPC", "EDQUOT"];

function isDiskFull(error: unknown): boolean {
  return error instanceof Error && "code" in error && FULL.includes(error.code);
}

function openNewFile(path: string): Promise<SegmentFile> {
  return Deno.open(path, { write: true, createNew: true });
}
