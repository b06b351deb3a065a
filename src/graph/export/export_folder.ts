import { join } from "node:path";
import { reasonOf } from "../../text/mod.ts";
import { ExportFile } from "./export_file.ts";
import type { ExportDestination, OpenOptions } from "./format.ts";

/** What a file is called until the whole export is there: who finds it does not take it for one. */
const UNFINISHED = ".part";

/** A folder that an export goes to, and holds nothing else. */
export class ExportFolder implements ExportDestination {
  readonly #path: string;
  readonly #isNew: boolean;
  readonly #signal: AbortSignal | undefined;
  readonly #files: ExportFile[] = [];
  #open: Deno.FsFile | undefined;

  private constructor(path: string, isNew: boolean, signal: AbortSignal | undefined) {
    this.#path = path;
    this.#isNew = isNew;
    this.#signal = signal;
  }

  /** @throws {Error} where there is something in the folder already: nothing is overwritten. */
  static async create(path: string, signal: AbortSignal | undefined): Promise<ExportFolder> {
    const isNew = await Deno.lstat(path).then(() => false, () => true);
    try {
      await Deno.mkdir(path, { recursive: true });
      for await (const { name } of Deno.readDir(path)) {
        throw new Error(`the folder is not empty (it holds ${name}); name another one with -o`);
      }
    } catch (error) {
      throw cannotExport(path, error);
    }
    return new ExportFolder(path, isNew, signal);
  }

  /** What was written so far. */
  get files(): readonly ExportFile[] {
    return this.#files;
  }

  /** One file at a time: the one before is closed. */
  async open(name: string, { isExecutable = false }: OpenOptions = {}): Promise<ExportFile> {
    const path = join(this.#path, name);
    let stream: Deno.FsFile;
    try {
      const mode = isExecutable ? 0o777 : 0o666;
      stream = await Deno.open(path + UNFINISHED, { write: true, createNew: true, mode });
    } catch (error) {
      throw cannotExport(path, error);
    }
    this.#open = stream;
    const finish = async () => {
      // A name that looks whole is only given to what a power cut cannot take away again.
      await stream.syncData();
      this.#close();
    };
    const file = new ExportFile(name, path, stream, finish, this.#signal);
    this.#files.push(file);
    return file;
  }

  /** Everything is there: files get their names. */
  async finish(): Promise<void> {
    try {
      for (const { name } of this.#files) {
        const path = join(this.#path, name);
        await Deno.rename(path + UNFINISHED, path);
      }
    } catch (error) {
      throw cannotExport(this.#path, error);
    }
  }

  /** Leaves nothing behind, as far as that is possible: what failed before must stay what is told. */
  async discard(): Promise<void> {
    this.#close();
    const ignore = () => {};
    for (const { name } of this.#files) {
      await Deno.remove(join(this.#path, name + UNFINISHED)).catch(ignore);
    }
    if (this.#isNew) await Deno.remove(this.#path).catch(ignore);
  }

  #close(): void {
    this.#open?.close();
    this.#open = undefined;
  }
}

function cannotExport(path: string, error: unknown): Error {
  return new Error(`Cannot export to ${path}: ${reasonOf(error)}`, { cause: error });
}
