import assert from "node:assert/strict";
import { join } from "node:path";
import { LogWriter, readLog } from "../../../src/observe/mod.ts";
import { gzip, host, hosts, inFolder, linesOf, namesIn, run } from "./sample_log.ts";

const options = {
  segmentBytes: 1_000,
  compresses: true,
  onWarning: (message: string) => assert.fail(message),
};

Deno.test("finished segments are compressed, at the end the last one too, and read back", () =>
  inFolder(async (parent) => {
    const folder = join(parent, "run");
    const log = await LogWriter.create(folder, options);
    const written = [run, ...hosts(0, 30)];
    for (const record of written) {
      log.append(record);
      await log.flush();
    }
    // The one that is being written is plain.
    const names = await namesIn(folder);
    assert.ok(names.filter((name) => name.endsWith(".ndjson")).length >= 1);
    assert.deepEqual(await Array.fromAsync(readLog(folder)), written);
    await log.close();
    const count = (await namesIn(folder)).length;
    assert.ok(count >= 4);
    assert.deepEqual(
      await namesIn(folder),
      Array.from({ length: count }, (_, index) => `00000${index + 1}.ndjson.gz`),
    );
    assert.deepEqual(await Array.fromAsync(readLog(folder)), written);
  }));

const [one, two] = [linesOf([run, ...hosts(0, 5)]), linesOf(hosts(5, 10))];
const [oneCompressed, twoCompressed] = [await gzip(one), await gzip(two)];

/** Where a kill can find the compression of the first segment, and of the last. */
const KILLED: Readonly<Record<string, Readonly<Record<string, string | Uint8Array>>>> = {
  "before it": { "000001.ndjson": one, "000002.ndjson": two },
  "while the first is written": {
    "000001.ndjson": one,
    "000001.ndjson.gz.part": oneCompressed.slice(0, 20),
    "000002.ndjson": two,
  },
  "before the first is renamed": {
    "000001.ndjson": one,
    "000001.ndjson.gz.part": oneCompressed,
    "000002.ndjson": two,
  },
  "before its original is removed": {
    "000001.ndjson": one,
    "000001.ndjson.gz": oneCompressed,
    "000002.ndjson": two,
  },
  "behind the first": { "000001.ndjson.gz": oneCompressed, "000002.ndjson": two },
  "while the last is written": {
    "000001.ndjson.gz": oneCompressed,
    "000002.ndjson": two,
    "000002.ndjson.gz.part": new Uint8Array(),
  },
  "before the last one's original is removed": {
    "000001.ndjson.gz": oneCompressed,
    "000002.ndjson": two,
    "000002.ndjson.gz": twoCompressed,
  },
  "behind the last": { "000001.ndjson.gz": oneCompressed, "000002.ndjson.gz": twoCompressed },
};

const before = [run, ...hosts(0, 10)];

for (const [moment, files] of Object.entries(KILLED)) {
  for (const compresses of [true, false]) {
    Deno.test(`killed ${moment}, the log reads whole and goes on, ${compresses ? "compressed" : "plain"}`, () =>
      inFolder(async (folder) => {
        assert.deepEqual(await Array.fromAsync(readLog(folder)), before);
        const { log, repair } = await LogWriter.reopen(folder, { ...options, compresses });
        assert.equal(repair, undefined);
        log.append(host(10));
        await log.flush();
        assert.deepEqual(await Array.fromAsync(readLog(folder)), [...before, host(10)]);
        await log.close();
        assert.deepEqual(await Array.fromAsync(readLog(folder)), [...before, host(10)]);
        const names = await namesIn(folder);
        assert.equal(new Set(names.map((name) => name.slice(0, 6))).size, names.length, names.join());
        assert.equal(names.some((name) => name.endsWith(".part")), false);
        if (compresses) assert.ok(names.every((name) => name.endsWith(".gz")), names.join());
      }, files));
  }
}

Deno.test("what cannot be compressed stays as it is, which is told and harms nothing", () =>
  inFolder(async (parent) => {
    const folder = join(parent, "run");
    const warnings: string[] = [];
    const log = await LogWriter.create(folder, {
      compresses: true,
      onWarning: (message) => warnings.push(message),
    });
    log.append(run);
    // Something of that name is there already.
    await Deno.mkdir(join(folder, "000001.ndjson.gz.part", "full"), { recursive: true });
    await log.close();
    assert.equal(warnings.length, 1);
    assert.match(
      warnings[0]!,
      /^Cannot compress .*\/run\/000001\.ndjson: File exists \(os error 17\).*; it stays as it is$/,
    );
    assert.deepEqual(await Array.fromAsync(readLog(folder)), [run]);
  }));
