import { join } from "node:path";

/** Of fcntl.h, sys/file.h and errno.h; the same on x86-64 and arm64. */
const O_RDWR = 2;
const O_CLOEXEC = 0o2000000;
const LOCK_EX = 2;
const LOCK_NB = 4;
const EWOULDBLOCK = 11;

/** The locked file's name. It is there as long as the lock is, and after a killed process. */
const LOCK_NAME = ".lock";

/**
 * Says that this process writes into a folder. The kernel lets go of it when the process ends, however it does, and
 * readers are not affected. (flock(2) by way of libc: Deno below 2.7 can only wait for a lock.)
 */
export class FolderLock {
  readonly #path: string;
  readonly #descriptor: number;

  private constructor(path: string, descriptor: number) {
    this.#path = path;
    this.#descriptor = descriptor;
  }

  /**
   * Undefined when somebody else holds the lock. A file system that knows no locks gives one that keeps nobody out.
   *
   * @throws {Error} when the folder cannot be written to.
   */
  static async acquire(folder: string): Promise<FolderLock | undefined> {
    const path = join(folder, LOCK_NAME);
    for (;;) {
      const found = await Deno.lstat(path).catch(() => undefined);
      // Through a link a file would be made elsewhere, and to open a pipe waits for somebody who reads.
      if (found !== undefined && !found.isFile) throw new Error(`${path} is no file; remove it`);
      await Deno.writeFile(path, new Uint8Array(), { append: true });
      const descriptor = withLibc(({ open }) =>
        open(new TextEncoder().encode(`${path}\0`), O_RDWR | O_CLOEXEC)
      );
      if (descriptor < 0) throw new Error(`${path} cannot be opened`);
      const isTaken = withLibc(({ flock, __errno_location }) => {
        if (flock(descriptor, LOCK_EX | LOCK_NB) === 0) return false;
        return new Deno.UnsafePointerView(__errno_location()!).getInt32() === EWOULDBLOCK;
      });
      const lock = new FolderLock(path, descriptor);
      if (isTaken) {
        lock.#close();
        return undefined;
      }
      // Whoever had it before may have removed the file in between: a lock on that keeps nobody out.
      const [locked, named] = await Promise.all([
        Deno.stat(`/proc/self/fd/${descriptor}`),
        Deno.stat(path).catch(() => undefined),
      ]);
      if (locked.ino === named?.ino && locked.dev === named.dev) return lock;
      lock.#close();
    }
  }

  /** Lets go, and leaves no trace in the folder. */
  async release(): Promise<void> {
    await Deno.remove(this.#path).catch(() => {});
    this.#close();
  }

  #close(): void {
    withLibc(({ close }) => close(this.#descriptor));
  }
}

const SYMBOLS = {
  open: { parameters: ["buffer", "i32"], result: "i32" },
  flock: { parameters: ["i32", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  __errno_location: { parameters: [], result: "pointer" },
} as const;

function withLibc<Result>(call: (symbols: Deno.DynamicLibrary<typeof SYMBOLS>["symbols"]) => Result): Result {
  const libc = Deno.dlopen("libc.so.6", SYMBOLS);
  try {
    return call(libc.symbols);
  } finally {
    libc.close();
  }
}
