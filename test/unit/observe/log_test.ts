import assert from "node:assert/strict";
import { join } from "node:path";
import {
  LogWriteError,
  LogWriter,
  type Observation,
  readLog,
  type SegmentFile,
} from "../../../src/observe/mod.ts";
import { canMount, fillDisk } from "./full_disk.ts";
import { host, run } from "./sample_log.ts";

const time = "2026-01-31T23:59:59.123Z";

async function readAll(folder: string): Promise<Observation[]> {
  return await Array.fromAsync(readLog(folder));
}

async function inTemporaryFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a log reads back as it was written, in a folder of its own making", () =>
  inTemporaryFolder(async (parent) => {
    const folder = join(parent, "deep", "run");
    const log = await LogWriter.create(folder);
    const written: Observation[] = [run];
    for (let index = 0; index < 5_000; index += 1) written.push(host(index));
    written.push({ type: "end", time, reason: "done", counters: { sent: 5_000 } });
    for (const record of written) log.append(record);
    await log.close();
    assert.deepEqual(await readAll(folder), written);
  }));

Deno.test("what was flushed is there while the log is still open", () =>
  inTemporaryFolder(async (folder) => {
    const log = await LogWriter.create(folder);
    log.append(run);
    log.append(host(1));
    await log.flush();
    assert.deepEqual(await readAll(folder), [run, host(1)]);
    log.append(host(2));
    await log.sync();
    assert.equal((await readAll(folder)).length, 3);
    await log.close();
  }));

Deno.test("many records fill batches without a flush, and the queue says when it is full", () =>
  inTemporaryFolder(async (folder) => {
    const log = await LogWriter.create(folder);
    log.append(run);
    let count = 0;
    // Nothing is written before this loop lets go: the bound is on what piles up meanwhile.
    while (!log.full) log.append(host(count++));
    assert.ok(count > 1_000 && count < 100_000, `${count}`);
    await log.flush();
    assert.equal(log.full, false);
    await log.close();
    assert.equal((await readAll(folder)).length, count + 1);
  }));

Deno.test("segments stay below their size and lines stay whole", () =>
  inTemporaryFolder(async (folder) => {
    const segmentBytes = 700;
    const log = await LogWriter.create(folder, { segmentBytes });
    const written: Observation[] = [run];
    log.append(run);
    for (let index = 0; index < 20; index += 1) {
      log.append(host(index));
      await log.flush();
      written.push(host(index));
    }
    await log.close();
    const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
    assert.ok(names.length > 2);
    assert.deepEqual(names.slice(0, 2), ["000001.ndjson", "000002.ndjson"]);
    for (const name of names) {
      const text = await Deno.readTextFile(join(folder, name));
      assert.ok(text.length <= segmentBytes && text.endsWith("\n"), `${name}: ${text.length}`);
    }
    assert.deepEqual(await readAll(folder), written);
  }));

Deno.test("a folder that holds something is refused, with the way out", () =>
  inTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "notes.txt"), "mine");
    await assert.rejects(LogWriter.create(folder), (error: Error) => {
      assert.ok(error instanceof LogWriteError);
      assert.equal(
        error.message,
        `Cannot start a log in ${folder}: the folder is not empty (it holds notes.txt); name another one with -o`,
      );
      return true;
    });
    assert.deepEqual((await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name), ["notes.txt"]);
  }));

Deno.test("a file in the folder's place is refused", () =>
  inTemporaryFolder(async (folder) => {
    const path = join(folder, "taken");
    await Deno.writeTextFile(path, "mine");
    await assert.rejects(LogWriter.create(path), /^LogWriteError: Cannot start a log in .*taken: /);
    assert.equal(await Deno.readTextFile(path), "mine");
  }));

/** A disk that takes `room` octets in pieces of at most 100 and then is full, backed by a real file. */
function smallDisk(room: number): (path: string) => Promise<SegmentFile> {
  return async (path) => {
    const file = await Deno.open(path, { write: true, createNew: true });
    return {
      async write(bytes) {
        const length = Math.min(bytes.length, room, 100);
        if (length === 0) throw new Error("No space left on device (os error 28)");
        room -= length;
        return await file.write(bytes.subarray(0, length));
      },
      async truncate(length) {
        await file.truncate(length);
        await file.seek(0, Deno.SeekMode.End);
      },
      syncData: () => file.syncData(),
      close: () => file.close(),
    };
  };
}

Deno.test("a full disk: the failure is typed and sticks, what is written reads back whole", () =>
  inTemporaryFolder(async (folder) => {
    const log = await LogWriter.create(folder, { openSegment: smallDisk(1_000) });
    log.append(run);
    for (let index = 0; index < 50; index += 1) log.append(host(index));
    const expected = {
      name: "LogWriteError",
      message: `Cannot write ${folder}/000001.ndjson: No space left on device (os error 28)`,
    };
    await assert.rejects(log.flush(), expected);
    assert.throws(() => log.append(host(51)), expected);
    await assert.rejects(log.flush(), expected);
    await log.close();

    const torn: unknown[] = [];
    const records = await Array.fromAsync(readLog(folder, { onTornEnd: (line) => torn.push(line) }));
    assert.deepEqual(torn, []);
    const expectedCount = records.length - 1;
    assert.ok(expectedCount > 2 && expectedCount < 50);
    assert.deepEqual(records, [run, ...Array.from({ length: expectedCount }, (_, index) => host(index))]);
  }));

Deno.test("a disk that is full when the log is closed says so then", () =>
  inTemporaryFolder(async (folder) => {
    const log = await LogWriter.create(folder, { openSegment: smallDisk(10) });
    log.append(run);
    await assert.rejects(log.close(), LogWriteError);
  }));

Deno.test("a disk that is full when the next segment is due fails alike", () =>
  inTemporaryFolder(async (folder) => {
    let opened = 0;
    const openSegment = async (path: string): Promise<SegmentFile> => {
      opened += 1;
      if (opened > 1) throw new Error("No space left on device (os error 28)");
      return await smallDisk(100_000)(path);
    };
    const log = await LogWriter.create(folder, { segmentBytes: 300, openSegment });
    log.append(run);
    await log.flush();
    log.append(host(1));
    await assert.rejects(log.flush(), LogWriteError);
    await log.close();
    assert.deepEqual(await readAll(folder), [run]);
  }));

Deno.test({
  name: "a real file system that fills up",
  ignore: !canMount(),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const { thrown, copy } = await fillDisk("log", folder);
      assert.match(
        thrown,
        /^LogWriteError: Cannot write (.*\/run)\/000001\.ndjson: No space left on device \(os error 28\); free space, then go on with margay scan --resume \1$/m,
      );

      const onTornEnd = () => assert.fail("a torn line");
      const records = await Array.fromAsync(readLog(copy, { onTornEnd }));
      assert.ok(records.length > 100 && records.length < 2_000, `${records.length}`);

      const { log, repair } = await LogWriter.reopen(copy);
      assert.equal(repair, undefined);
      log.append(host(1));
      await log.close();
      assert.deepEqual(await readAll(copy), [...records, host(1)]);
    }),
});

Deno.test("what a terminal may obey stands escaped in the log, and reads back as it was", async () => {
  const folder = await Deno.makeTempDir();
  const reason = "a\u001b[31m \u007f \u009b31m \u202etxt\u2028 \ufeff";
  const log = await LogWriter.create(join(folder, "run"));
  log.append({ ...run, config: { reason } });
  await log.close();
  const text = await Deno.readTextFile(join(folder, "run", "000001.ndjson"));
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(text.trimEnd(), /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202e\ufeff]/);
  assert.equal(JSON.parse(text).config.reason, reason);
  await Deno.remove(folder, { recursive: true });
});
