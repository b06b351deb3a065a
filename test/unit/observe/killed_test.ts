import assert from "node:assert/strict";
import { join } from "node:path";
import { LogWriter, readLog } from "../../../src/observe/mod.ts";
import { host, inFolder, namesIn, run } from "./sample_log.ts";

const child = new URL("./killed_child.ts", import.meta.url).pathname;

/** Kills whoever writes the log once it has said so many lines; resolves to the number in the last of them. */
async function writeAndKill(folder: string, isFirst: boolean, lines: number): Promise<number> {
  const args = ["run", "-A", "--no-check", "--quiet", child, folder, isFirst ? "first" : "again"];
  const writer = new Deno.Command(Deno.execPath(), { args, stdout: "piped" }).spawn();
  let said = "";
  for await (const text of writer.stdout.pipeThrough(new TextDecoderStream())) {
    said += text;
    if (said.split("\n").length > lines) break;
  }
  writer.kill("SIGKILL");
  await writer.status;
  return Number(said.slice(0, said.lastIndexOf("\n")).split("\n").at(-1));
}

Deno.test("killed again and again while it is written and compressed, a log loses nothing that was flushed", () =>
  inFolder(async (parent) => {
    const folder = join(parent, "run");
    for (const [round, lines] of [30, 7, 100, 1, 53].entries()) {
      const flushed = await writeAndKill(folder, round === 0, lines);
      const [first, ...rest] = await Array.fromAsync(readLog(folder, { onTornEnd: () => {} }));
      assert.deepEqual(first, run);
      assert.ok(rest.length > flushed, `${rest.length} hosts, ${flushed} was said to be written`);
      rest.forEach((record, index) => assert.deepEqual(record, host(index)));
    }
    const { log } = await LogWriter.reopen(folder, { compresses: true });
    await log.close();
    const names = await namesIn(folder);
    assert.ok(names.length > 5 && names.every((name) => name.endsWith(".ndjson.gz")), names.join());
  }));
