import assert from "node:assert/strict";
import type { Observation } from "../../src/observe/mod.ts";
import { readLog } from "../../src/observe/mod.ts";
import { margayFromSource } from "../lab/margay.ts";
import { runInLab, withLab } from "../lab/mod.ts";
import { runTool } from "../lab/tools.ts";
import { Child, scan } from "./child.ts";

const WORLD = { prefix: "10.50.7.0/24", certificateCount: 4 };

/** What two scans of the same world have in common: all but when, what servers draw, and what a signature takes. */
function withoutChance({ type, ...fields }: Observation): string {
  const record: Record<string, unknown> = { type, ...fields };
  for (const name of ["time", "id", "config", "counters", "duration_ms", "round_trip_ms"]) {
    delete record[name];
  }
  for (const name of ["session_id", "bytes_sent", "bytes_received"]) delete record[name];
  return JSON.stringify(record);
}

/** A log without its checkpoints: nothing can be gone on with that was streamed. */
async function observationsIn(folder: string): Promise<string[]> {
  const log = await Array.fromAsync(readLog(folder));
  return log.filter(({ type }) => type !== "checkpoint").map(withoutChance);
}

/** Runs inside: one scan to a folder, the same to standard output, and to a reader that soon has enough. */
export function stream() {
  return withLab(WORLD, async (lab) => {
    const args = [lab.prefix, "--seed", "7", "-c", "1"];
    const folder = await scan([...args, "-o", "/run/folder", "-q"]);
    const written = await observationsIn("/run/folder");
    const streamed = await scan([...args, "-o", "-"]);
    const small = ["-o", "/run/small", "--no-graph", "--gzip", "--segment-size", "100K"];
    const compressed = await scan([...args, ...small, "-q"]);
    const names = await Array.fromAsync(Deno.readDir("/run/small"), ({ name }) => name);
    const reread = await observationsIn("/run/small");

    const heads = [];
    for (const more of [["-q"], []]) {
      const child = await Child.start([...args, "-o", "-", ...more]);
      const head = await child.readHead();
      heads.push({ head, ...await child.finish() });
    }

    const dry = await Child.start(["127.0.0.0/8", "--dry-run"]);
    await dry.readHead();
    const dryHead = await dry.finish();
    return { folder, written, streamed, compressed, names, reread, heads, dryHead };
  });
}

Deno.test("-o - streams what a folder would hold, and ends quietly when its reader leaves", async () => {
  const seen = await runInLab<Awaited<ReturnType<typeof stream>>>({
    module: import.meta.url,
    name: "stream",
  });
  assert.deepEqual(seen.folder, { code: 0, stdout: "", stderr: "" }, "-q says nothing");

  const { code, stdout, stderr } = seen.streamed;
  assert.equal(code, 0);
  assert.doesNotMatch(stderr, /^ {2}log /m, "there is no folder to name");
  const lines = stdout.split("\n");
  assert.equal(lines.pop(), "", "the last line is whole");
  const records = lines.map((line) => JSON.parse(line) as Observation);
  assert.equal(records.at(0)?.type, "run");
  assert.equal(records.at(-1)?.type, "end");
  assert.ok(records.some(({ type }) => type === "certificate"));
  assert.deepEqual(records.map(withoutChance).sort(), seen.written.sort());

  assert.deepEqual(seen.compressed, { code: 0, stdout: "", stderr: "" });
  assert.ok(
    seen.names.length > 1 && seen.names.every((name) => name.endsWith(".ndjson.gz")),
    seen.names.join(),
  );
  assert.deepEqual(seen.reread.sort(), seen.written.sort());

  for (const [index, { head, code, stderr }] of seen.heads.entries()) {
    assert.match(head, /^\{"type":"run",/);
    assert.equal(code, 0);
    if (index === 0) assert.equal(stderr, "");
    else assert.doesNotMatch(stderr, /Cannot|Error|pipe/);
  }
  assert.equal(seen.dryHead.code, 0);
  assert.equal(seen.dryHead.stderr, "");
});

/** Runs inside: what margay writes to a terminal of 80 columns. */
export function showOnTerminal(): Promise<string> {
  return withLab(WORLD, async (lab) => {
    const margay = [...margayFromSource(), "scan", lab.prefix, "-r", "200", "-c", "0.5", "-o", "/run/shown"];
    const command = margay.map((word) => `'${word}'`).join(" ");
    return await runTool([
      "script",
      "--quiet",
      "--return",
      "--command",
      `stty cols 80; ${command}`,
      "/dev/null",
    ]);
  });
}

Deno.test("on a terminal one line is rewritten in place, and fits", async () => {
  const shown = await runInLab<string>({ module: import.meta.url, name: "showOnTerminal" });
  const [before, ...lines] = shown.split("\r\x1b[K");
  const summary = lines.pop();
  assert.equal(before, "");
  assert.ok(lines.length >= 3, "it was drawn again and again");
  for (const line of lines) {
    assert.match(line, /^(\d+\.\d%|sent all) {2}.*\d certs {2}\d.* unique {2}.* (left|answers)$/);
    assert.ok(line.length < 80, `${line.length} columns: ${line}`);
  }
  assert.match(summary!, /^margay: run \S+ done in .*\r\n {2}asked for /);
});
