import { lstatSync, statSync } from "node:fs";

/** Of fcntl.h, sys/file.h and errno.h; the same on x86-64 and arm64. */
const O_RDWR = 2;
const O_CLOEXEC = 0o2000000;
const LOCK_EX = 2;
const LOCK_NB = 4;
const EWOULDBLOCK = 11;

/**
 * Says that this process alone writes something, by an empty file that stands for it: it is there as long as the lock
 * is, and after a killed process. The kernel lets go when the process ends, however it does, and readers are not
 * affected. (flock(2) by way of libc: Deno below 2.7 can only wait for a lock.)
 */
export class FileLock {
  readonly #path: string;
  readonly #descriptor: number;

  private constructor(path: string, descriptor: number) {
    this.#path = path;
    this.#descriptor = descriptor;
  }

  /**
   * Undefined when somebody else holds the lock. A file system that knows no locks gives one that keeps nobody out.
   *
   * @throws {Error} when the file cannot be made or written to.
   */
  static acquire(path: string): FileLock | undefined {
    for (;;) {
      const found = lstatSync(path, { throwIfNoEntry: false });
      // Through a link a file would be made elsewhere, and to open a pipe waits for somebody who reads.
      if (found !== undefined && !found.isFile()) throw new Error(`${path} is no file; remove it`);
      Deno.writeFileSync(path, new Uint8Array(), { append: true });
      const descriptor = withLibc(({ open }) =>
        open(new TextEncoder().encode(`${path}\0`), O_RDWR | O_CLOEXEC)
      );
      if (descriptor < 0) throw new Error(`${path} cannot be opened`);
      const isTaken = withLibc(({ flock, __errno_location }) => {
        if (flock(descriptor, LOCK_EX | LOCK_NB) === 0) return false;
        return new Deno.UnsafePointerView(__errno_location()!).getInt32() === EWOULDBLOCK;
      });
      const lock = new FileLock(path, descriptor);
      if (isTaken) {
        lock.#close();
        return undefined;
      }
      // Whoever had it before may have removed the file in between: a lock on that keeps nobody out.
      const locked = statSync(`/proc/self/fd/${descriptor}`);
      const named = statSync(path, { throwIfNoEntry: false });
      if (locked.ino === named?.ino && locked.dev === named.dev) return lock;
      lock.#close();
    }
  }

  /** Lets go, and leaves no trace. */
  release(): void {
    try {
      Deno.removeSync(this.#path);
    } catch {
      // An empty file is left, as by a killed process.
    }
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
