import assert from "node:assert/strict";
import { join } from "node:path";
import { FileSink, LogWriteError, type Observation } from "../../../src/observe/mod.ts";
import { canMount, fillDisk } from "./full_disk.ts";

const end: Observation = { type: "end", time: "2026-01-31T23:59:59.123Z", reason: "done", counters: {} };

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("records and lines stand in the file in their order, once flushed", () =>
  inFolder(async (folder) => {
    const path = join(folder, "out.json");
    const sink = await FileSink.create(path);
    sink.append('{"ip":"192.0.2.1"}');
    sink.append(end);
    await sink.flush();
    const lines = `{"ip":"192.0.2.1"}\n${JSON.stringify(end)}\n`;
    assert.equal(await Deno.readTextFile(path), lines);
    sink.append("{}");
    assert.equal(await isHeldOpen(path), true);
    await sink.close();
    assert.equal(await Deno.readTextFile(path), `${lines}{}\n`);
    assert.equal(await isHeldOpen(path), false);
  }));

/** Whether a descriptor of this process leads to the file. */
async function isHeldOpen(path: string): Promise<boolean> {
  const folder = "/proc/self/fd";
  const links = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => `${folder}/${name}`);
  // The folder's own descriptor is gone by then.
  const files = await Promise.all(links.map((link) => Deno.readLink(link).catch(() => "")));
  return files.includes(await Deno.realPath(path));
}

Deno.test("nothing that is there is overwritten", () =>
  inFolder(async (folder) => {
    const path = join(folder, "out.json");
    await Deno.writeTextFile(path, "precious");
    const expected = {
      name: "LogWriteError",
      message: `Cannot write ${path}: there is such a file already; name another one with -o`,
    };
    await assert.rejects(FileSink.create(path), expected);
    assert.equal(await Deno.readTextFile(path), "precious");
    const missing = join(folder, "missing", "out.json");
    await assert.rejects(FileSink.create(missing), (error: Error) =>
      error instanceof LogWriteError && error.message.startsWith(`Cannot write ${missing}: `));
  }));

Deno.test("a run that never came to start leaves no file", () =>
  inFolder(async (folder) => {
    const sink = await FileSink.create(join(folder, "out.json"));
    await sink.discard();
    assert.deepEqual(await Array.fromAsync(Deno.readDir(folder)), []);
  }));

Deno.test({
  name: "a full disk is a failure that names the file, and what fitted is there",
  ignore: !canMount(),
  fn: () =>
    inFolder(async (folder) => {
      const { thrown, copy } = await fillDisk("file", folder);
      assert.match(thrown, /^LogWriteError: Cannot write to .*\/run: No space left on device/);
      const lines = (await Deno.readTextFile(copy)).split("\n");
      assert(lines.length > 100 && lines.length < 2_000, `${lines.length} lines`);
      for (const line of lines.slice(0, -1)) JSON.parse(line);
    }),
});
