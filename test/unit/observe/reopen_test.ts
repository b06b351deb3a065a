import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import {
  followLog,
  LogPositionError,
  LogWriter,
  type Observation,
  readLog,
  type TornEnd,
} from "../../../src/observe/mod.ts";
import { gzip, host, hosts, inFolder, linesOf, namesIn, run } from "./sample_log.ts";

const first = "000001.ndjson";
const second = "000002.ndjson";

/** Goes on with the log by one record; resolves to what was read on the way, and what was cut off. */
async function goOn(folder: string): Promise<{ before: Observation[]; repair: TornEnd | undefined }> {
  const before: Observation[] = [];
  const { log, repair } = await LogWriter.reopen(folder, { onRecords: (records) => before.push(...records) });
  log.append(host(9));
  await log.close();
  return { before, repair };
}

Deno.test("a log that was closed is gone on with behind its last line", () =>
  inFolder(async (folder) => {
    const log = await LogWriter.create(folder);
    const written = [run, ...hosts(0, 3)];
    for (const record of written) log.append(record);
    await log.close();
    assert.deepEqual(await goOn(folder), { before: written, repair: undefined });
    assert.deepEqual(await Array.fromAsync(readLog(folder)), [...written, host(9)]);
    assert.deepEqual(await namesIn(folder), [first, second]);
  }));

Deno.test("a lock that leads elsewhere, or that nobody reads from, is refused", () =>
  inFolder(async (folder) => {
    const log = await LogWriter.create(folder);
    log.append(run);
    await log.close();
    const lock = join(folder, ".lock");
    const refusal = {
      message: `Cannot go on with the log in ${folder}: ${lock} is no file; remove it`,
    };
    const elsewhere = join(folder, "elsewhere");
    await Deno.symlink(elsewhere, lock);
    await assert.rejects(LogWriter.reopen(folder), refusal);
    await assert.rejects(Deno.stat(elsewhere));
    await Deno.remove(lock);
    await new Deno.Command("mkfifo", { args: [lock] }).output();
    await assert.rejects(LogWriter.reopen(folder), refusal);
  }));

Deno.test("cut at every octet of its last two lines, a log goes on behind what is whole", async () => {
  const records = [run, host(0), host(1)];
  const text = linesOf(records);
  const [runEnd, hostEnd] = [1, 2].map((count) => linesOf(records.slice(0, count)).length) as [
    number,
    number,
  ];
  for (let length = runEnd; length <= text.length; length += 1) {
    await inFolder(async (folder) => {
      const whole = length === text.length ? 3 : length >= hostEnd ? 2 : 1;
      const offset = [0, runEnd, hostEnd, text.length][whole]!;
      const { before, repair } = await goOn(folder);
      assert.deepEqual(before, records.slice(0, whole), `cut at ${length}`);
      const octets = length - offset;
      const expected = { path: join(folder, first), line: whole + 1, offset, octets };
      assert.deepEqual(repair, octets === 0 ? undefined : expected);
      assert.equal(await Deno.readTextFile(join(folder, first)), linesOf(before));
      assert.equal(await Deno.readTextFile(join(folder, second)), linesOf([host(9)]));
    }, { [first]: text.slice(0, length) });
  }
});

const NULS = new Uint8Array(20_000);

/** Ends that a loss of power leaves behind the last line. */
const POWER_LOSS: Readonly<Record<string, Uint8Array | string>> = {
  "octets of nothing": NULS,
  "octets of nothing behind a part of a line": `${linesOf([host(1)]).slice(0, 40)}${"\0".repeat(5_000)}`,
  "more octets of nothing than a line may have": new Uint8Array(20 * 1024 * 1024),
  "another file's octets": Uint8Array.from({ length: 70_000 }, (_, index) => (index * 7919) % 251),
  "lines that are none": "{\n\n{]\n\xff\n",
  "a great many of them": "\n".repeat(300_000),
};

for (const [name, rest] of Object.entries(POWER_LOSS)) {
  Deno.test(`after a loss of power the end is cut off: ${name}`, async () => {
    const whole = new TextEncoder().encode(linesOf([run, host(0)]));
    const garbled = typeof rest === "string" ? new TextEncoder().encode(rest) : rest;
    await inFolder(async (folder) => {
      const torn: TornEnd[] = [];
      const read = await Array.fromAsync(readLog(folder, { onTornEnd: (end) => torn.push(end) }));
      const { before, repair } = await goOn(folder);
      assert.deepEqual(read, [run, host(0)]);
      assert.deepEqual(before, read);
      const path = join(folder, first);
      assert.deepEqual(repair, { path, line: 3, offset: whole.length, octets: garbled.length });
      assert.deepEqual(torn, [repair]);
      assert.equal(await Deno.readTextFile(path), linesOf([run, host(0)]));
      assert.equal(await Deno.readTextFile(join(folder, second)), linesOf([host(9)]));
    }, { [first]: Uint8Array.from([...whole, ...garbled]) });
  });
}

Deno.test("a segment that was begun and never written stays empty", () =>
  inFolder(async (folder) => {
    assert.deepEqual((await goOn(folder)).repair, undefined);
    assert.equal(await Deno.readTextFile(join(folder, second)), "");
    assert.equal(await Deno.readTextFile(join(folder, "000003.ndjson")), linesOf([host(9)]));
    assert.deepEqual(await Array.fromAsync(readLog(folder)), [run, host(9)]);
  }, { [first]: linesOf([run]), [second]: "" }));

Deno.test("where a reader was before lines were lost is no position afterwards, whatever was written since", () =>
  inFolder(async (folder) => {
    const offset = linesOf([run, host(0), host(1)]).length;
    // The disk never got the last line, though somebody had read it.
    await Deno.truncate(join(folder, first), linesOf([run, host(0)]).length);
    const { log } = await LogWriter.reopen(folder);
    for (const record of hosts(0, 100)) log.append(record);
    await log.close();
    await assert.rejects(followLog(folder, { from: { segment: 1, offset } }).next(), LogPositionError);
  }, { [first]: linesOf([run, host(0), host(1)]) }));

Deno.test("behind a compressed last segment comes a new one", async () => {
  const files = { "000001.ndjson.gz": await gzip(linesOf([run, host(0)])) };
  await inFolder(async (folder) => {
    assert.deepEqual(await goOn(folder), { before: [run, host(0)], repair: undefined });
    assert.deepEqual(await namesIn(folder), ["000001.ndjson.gz", second]);
    assert.deepEqual(await Array.fromAsync(readLog(folder)), [run, host(0), host(9)]);
  }, files);
});

const truncatedGzip = (await gzip(linesOf([run, ...hosts(0, 500)]))).slice(0, 200);

/** What is not the end of a killed run. */
const DAMAGED: Readonly<Record<string, readonly [Record<string, string | Uint8Array>, RegExp]>> = {
  "a line in the middle": [
    { [first]: `${linesOf([run])}\0\0\0\n${linesOf([host(0)])}` },
    /^LogReadError: Cannot read RUN\/000001\.ndjson line 2: not JSON; without that line/,
  ],
  "a line that is too long in the middle": [
    { [first]: `${linesOf([run])}${"x".repeat(20 * 1024 * 1024)}\n${linesOf([host(0)])}` },
    /^LogReadError: Cannot read RUN\/000001\.ndjson line 2: a line is longer than 16777216 octets; without that line/,
  ],
  "the end of a segment that is not the last": [
    { [first]: `${linesOf([run, host(0)])}{"type"`, [second]: linesOf([host(1)]) },
    /^LogReadError: Cannot read RUN\/000001\.ndjson line 3: it is cut off, yet a later segment follows; without that line/,
  ],
  "JSON that somebody else wrote": [
    { [first]: `${linesOf([run])}{"kind":"mine"}\n` },
    /^LogReadError: Cannot read RUN\/000001\.ndjson line 2: not a record with "type" and "time"; without that line/,
  ],
  "another kind of file": [
    { [first]: "what is this?\n" },
    /^LogReadError: Cannot read RUN\/000001\.ndjson line 1: not JSON$/,
  ],
  "a compressed segment that is cut off": [
    { "000001.ndjson.gz": truncatedGzip },
    /^LogReadError: Cannot read RUN\/000001\.ndjson\.gz: it is cut off or no gzip \(.+\)$/,
  ],
  "a compressed segment that is none": [
    { "000001.ndjson.gz": "not gzip at all" },
    /^LogReadError: Cannot read RUN\/000001\.ndjson\.gz: it is cut off or no gzip \(.+\)$/,
  ],
  "a missing segment": [
    { [first]: linesOf([run]), "000003.ndjson": linesOf([host(1)]) },
    /^LogReadError: Cannot read the log in RUN: 000002\.ndjson is missing$/,
  ],
  "no log": [
    { "notes.txt": "mine" },
    /^LogReadError: Cannot read the log in RUN: it holds no segment such as 000001\.ndjson$/,
  ],
};

for (const [name, [files, message]] of Object.entries(DAMAGED)) {
  Deno.test(`refused, and nothing touched: ${name}`, () =>
    inFolder(async (folder) => {
      await assert.rejects(LogWriter.reopen(folder), (error) => {
        assert.match(String(error).replaceAll(folder, "RUN"), message);
        return true;
      });
      assert.deepEqual(await namesIn(folder), Object.keys(files).sort());
      for (const [name, content] of Object.entries(files)) {
        const octets = typeof content === "string" ? new TextEncoder().encode(content) : content;
        assert.equal(Buffer.compare(await Deno.readFile(join(folder, name)), octets), 0);
      }
    }, files));
}

Deno.test("what whoever reads along throws leaves the log as it was, and free", () =>
  inFolder(async (folder) => {
    const refusal = new Error("another configuration");
    const onRecords = () => {
      throw refusal;
    };
    await assert.rejects(LogWriter.reopen(folder, { onRecords }), refusal);
    assert.equal(await Deno.readTextFile(join(folder, first)), `${linesOf([run])}{"ty`);
    assert.equal((await goOn(folder)).repair?.octets, 4);
  }, { [first]: `${linesOf([run])}{"ty` }));

Deno.test("one process at a time writes a log, and a killed one frees it", () =>
  inFolder(async (parent) => {
    const folder = join(parent, "run");
    const program = `
      import { LogWriter } from ${JSON.stringify(import.meta.resolve("../../../src/observe/mod.ts"))};
      const log = await LogWriter.create(${JSON.stringify(folder)});
      log.append(${JSON.stringify(run)});
      await log.sync();
      console.log("written");
      setInterval(() => {}, 1_000);
    `;
    const args = ["eval", "--quiet", program];
    const child = new Deno.Command(Deno.execPath(), { args, stdout: "piped" }).spawn();
    const reader = child.stdout.getReader();
    await reader.read();
    const busy = `Cannot go on with the log in ${folder}: it is being written by another margay; ` +
      "wait for it to end, or stop it";
    await assert.rejects(LogWriter.reopen(folder), { name: "LogWriteError", message: busy });
    assert.deepEqual(await Array.fromAsync(readLog(folder)), [run]);

    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
    const { log } = await LogWriter.reopen(folder);
    await assert.rejects(LogWriter.reopen(folder), { message: busy });
    await log.close();
    assert.deepEqual((await goOn(folder)).before, [run]);
    assert.deepEqual(await namesIn(folder), [first, second, "000003.ndjson"]);
  }));
