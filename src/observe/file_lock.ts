import { lstatSync, statSync } from "node:fs";

/** Of fcntl.h, sys/file.h and errno.h; the same on x86-64 and arm64. */
const O_RDWR = 2;
const O_CLOEXEC = 0o2000000;
const LOCK_EX = 2;
const LOCK_NB = 4;
const ENOENT = 2;
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
      const opened = callLibc(({ open }) => open(new TextEncoder().encode(`${path}\0`), O_RDWR | O_CLOEXEC));
      // Whoever had the lock may have removed the file in between.
      if (opened.error === ENOENT) continue;
      if (opened.error !== 0) throw new Error(`${path} cannot be opened`);
      const lock = new FileLock(path, opened.result);
      if (callLibc(({ flock }) => flock(lock.#descriptor, LOCK_EX | LOCK_NB)).error === EWOULDBLOCK) {
        lock.#close();
        return undefined;
      }
      // So here: a lock on a file that nobody finds keeps nobody out.
      if (lock.#isInPlace()) return lock;
      lock.#close();
    }
  }

  /** Lets go, and leaves no trace. */
  release(): void {
    try {
      // With its folder the file may have been removed, and another's stand there.
      if (this.#isInPlace()) Deno.removeSync(this.#path);
    } catch {
      // An empty file is left, as by a killed process.
    }
    this.#close();
  }

  /** Whether the file that is locked is the one that stands at the path. */
  #isInPlace(): boolean {
    const locked = statSync(`/proc/self/fd/${this.#descriptor}`);
    const named = statSync(this.#path, { throwIfNoEntry: false });
    return locked.ino === named?.ino && locked.dev === named.dev;
  }

  #close(): void {
    callLibc(({ close }) => close(this.#descriptor));
  }
}

const SYMBOLS = {
  open: { parameters: ["buffer", "i32"], result: "i32" },
  flock: { parameters: ["i32", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  __errno_location: { parameters: [], result: "pointer" },
} as const;

type Libc = Deno.DynamicLibrary<typeof SYMBOLS>;

/** The result of one call, and its `errno`, 0 where it went well. */
function callLibc(call: (symbols: Libc["symbols"]) => number): { result: number; error: number } {
  const libc = Deno.dlopen("libc.so.6", SYMBOLS);
  try {
    const result = call(libc.symbols);
    const error = result < 0 ? new Deno.UnsafePointerView(libc.symbols.__errno_location()!).getInt32() : 0;
    return { result, error };
  } finally {
    libc.close();
  }
}
