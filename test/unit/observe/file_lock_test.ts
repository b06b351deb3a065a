import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileLock } from "../../../src/observe/file_lock.ts";

async function withFolder(use: (folder: string) => Promise<void> | void): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "margay-lock-"));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

Deno.test("one has the lock at a time, and nothing is left of it", async () => {
  await withFolder((folder) => {
    const path = join(folder, "lock");
    const lock = FileLock.acquire(path);
    assert(lock);
    assert.equal(FileLock.acquire(path), undefined);
    lock.release();
    assert.equal(existsSync(path), false);
    const next = FileLock.acquire(path);
    assert(next);
    next.release();
  });
});

Deno.test("whose folder was removed leaves the lock of who came after", async () => {
  await withFolder(async (folder) => {
    const run = join(folder, "run");
    const path = join(run, "lock");
    await mkdir(run);
    const early = FileLock.acquire(path);
    await rm(run, { recursive: true });
    await mkdir(run);
    const late = FileLock.acquire(path);
    assert(early && late);
    early.release();
    assert.equal(FileLock.acquire(path), undefined);
    late.release();
  });
});

Deno.test("what is no file is refused, and named", async () => {
  await withFolder((folder) => {
    assert.throws(() => FileLock.acquire(folder), { message: `${folder} is no file; remove it` });
    const missing = join(folder, "none", "lock");
    assert.throws(() => FileLock.acquire(missing), /No such file/);
  });
});
