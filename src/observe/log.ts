import { join } from "node:path";
import type { Observation } from "./observation.ts";
import { reasonOf } from "./reason.ts";
import { RecordQueue } from "./record_queue.ts";
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
  readonly segmentBytes?: number;
  /** Opens a new segment, for tests. */
  readonly openSegment?: (path: string) => Promise<SegmentFile>;
}

const SEGMENT_BYTES = 256 * 1024 * 1024;

/** The file name of the log's `number`th segment, counted from 1. */
export function segmentName(number: number): string {
  return `${String(number).padStart(6, "0")}.ndjson`;
}

/**
 * The append-only log of a run: NDJSON segments `000001.ndjson`, `000002.ndjson` and so on in the run's folder. A line
 * is never split over two segments.
 *
 * When a record is safe: records are written in batches of about 256 KiB and at each {@linkcode flush}, after which
 * they outlast the process (SIGKILL included); {@linkcode sync}, the end of a segment and {@linkcode close} make them
 * outlast a loss of power as well.
 *
 * When a write fails the segment is cut back to its last whole line, so what is written reads back whole.
 */
export class LogWriter implements ObservationSink {
  readonly folder: string;
  readonly #isNewFolder: boolean;
  readonly #segmentBytes: number;
  readonly #openSegment: (path: string) => Promise<SegmentFile>;
  readonly #queue = new RecordQueue((lines) => this.#write(lines));
  #segmentNumber = 1;
  #segment: SegmentFile;
  #segmentLength = 0;

  private constructor(folder: string, isNewFolder: boolean, segment: SegmentFile, options: LogOptions) {
    this.folder = folder;
    this.#isNewFolder = isNewFolder;
    this.#segment = segment;
    this.#segmentBytes = options.segmentBytes ?? SEGMENT_BYTES;
    this.#openSegment = options.openSegment ?? openNewFile;
  }

  /**
   * Starts a log in `folder`, which is made when it doesn't exist.
   *
   * @throws {LogWriteError} when the folder holds something, is no folder, or cannot be written to.
   */
  static async create(folder: string, options: LogOptions = {}): Promise<LogWriter> {
    const isNewFolder = await Deno.lstat(folder).then(() => false, () => true);
    let segment: SegmentFile;
    try {
      await Deno.mkdir(folder, { recursive: true });
      for await (const entry of Deno.readDir(folder)) {
        throw new Error(`the folder is not empty (it holds ${entry.name}); name another one with -o`);
      }
      segment = await (options.openSegment ?? openNewFile)(join(folder, segmentName(1)));
    } catch (error) {
      throw new LogWriteError(`Cannot start a log in ${folder}: ${reasonOf(error)}`, { cause: error });
    }
    return new LogWriter(folder, isNewFolder, segment, options);
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
      await this.#segment.syncData();
    } catch (error) {
      throw this.#writeError(error);
    }
  }

  async close(): Promise<void> {
    try {
      if (!this.#queue.failed) await this.sync();
    } finally {
      this.#segment.close();
    }
  }

  async discard(): Promise<void> {
    this.#segment.close();
    await Deno.remove(join(this.folder, segmentName(this.#segmentNumber)));
    if (this.#isNewFolder) await Deno.remove(this.folder);
  }

  async #write(lines: Uint8Array): Promise<void> {
    try {
      if (this.#segmentLength > 0 && this.#segmentLength + lines.length > this.#segmentBytes) {
        await this.#startNextSegment();
      }
      await this.#writeWholeLines(lines);
    } catch (error) {
      throw this.#writeError(error);
    }
  }

  async #startNextSegment(): Promise<void> {
    await this.#segment.syncData();
    const next = await this.#openSegment(join(this.folder, segmentName(this.#segmentNumber + 1)));
    this.#segment.close();
    this.#segment = next;
    this.#segmentNumber += 1;
    this.#segmentLength = 0;
  }

  async #writeWholeLines(lines: Uint8Array): Promise<void> {
    let written = 0;
    try {
      while (written < lines.length) written += await this.#segment.write(lines.subarray(written));
      this.#segmentLength += written;
    } catch (error) {
      this.#segmentLength += lines.subarray(0, written).lastIndexOf(NEWLINE) + 1;
      // A disk that refuses this too leaves a torn last line, which the reader passes over.
      await this.#segment.truncate(this.#segmentLength).catch(() => {});
      throw error;
    }
  }

  #writeError(error: unknown): LogWriteError {
    const path = join(this.folder, segmentName(this.#segmentNumber));
    return new LogWriteError(`Cannot write ${path}: ${reasonOf(error)}`, { cause: error });
  }
}

const NEWLINE = 0x0a;

function openNewFile(path: string): Promise<SegmentFile> {
  return Deno.open(path, { write: true, createNew: true });
}
