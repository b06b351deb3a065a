import assert from "node:assert/strict";
import { join } from "node:path";
import {
  followLog,
  type FollowOptions,
  type LogBatch,
  type LogPosition,
  LogPositionError,
  LogWriter,
  type Observation,
} from "../../../src/observe/mod.ts";
import { gzip, host, hosts, inFolder, linesOf, run } from "./sample_log.ts";

const records = [run, ...hosts(0, 10_000)];

/** Three segments, as the writer makes them with a limit. */
const parts = [records.slice(0, 1_000), records.slice(1_000, 6_000), records.slice(6_000)];
const [one, two, three] = parts.map(linesOf) as [string, string, string];

const KINDS: Readonly<Record<string, Readonly<Record<string, string | Uint8Array>>>> = {
  plain: { "000001.ndjson": one, "000002.ndjson": two, "000003.ndjson": three },
  compressed: {
    "000001.ndjson.gz": await gzip(one),
    "000002.ndjson.gz": await gzip(two),
    "000003.ndjson.gz": await gzip(three),
  },
  mixed: {
    "000001.ndjson.gz": await gzip(one),
    // Killed before the original was removed, and while the next was compressed.
    "000002.ndjson": two,
    "000002.ndjson.gz": await gzip(two),
    "000003.ndjson": three,
    "000003.ndjson.gz.part": (await gzip(three)).slice(0, 50),
  },
};

async function followAll(folder: string, options: FollowOptions = {}): Promise<Observation[]> {
  const all: Observation[] = [];
  for await (const batch of followLog(folder, options)) all.push(...batch.records);
  return all;
}

for (const [kind, files] of Object.entries(KINDS)) {
  Deno.test(`from the position of any batch, the rest is read: ${kind}`, () =>
    inFolder(async (folder) => {
      const positions: { position: LogPosition; read: number }[] = [];
      let read = 0;
      for await (const batch of followLog(folder)) {
        assert.equal(new TextDecoder().decode(batch.lines), linesOf(batch.records));
        read += batch.records.length;
        positions.push({ position: batch.position, read });
      }
      assert.equal(read, records.length);
      assert.ok(positions.length > 4, `${positions.length} batches`);
      for (const { position, read } of positions) {
        assert.deepEqual(await followAll(folder, { from: position }), records.slice(read));
      }
      const from = { segment: 2, offset: two.indexOf("\n") + 1 };
      assert.deepEqual(await followAll(folder, { from }), records.slice(1_001));
    }, files));

  Deno.test(`a position that is none has an error of its own: ${kind}`, () =>
    inFolder(async (folder) => {
      for (
        const from of [
          { segment: 1, offset: 7 },
          { segment: 1, offset: one.length + 1 },
          { segment: 3, offset: three.length + 100_000 },
          { segment: 4, offset: 0 },
          { segment: 4, offset: 20 },
        ]
      ) {
        await assert.rejects(followAll(folder, { from }), (error: Error) => {
          assert.ok(error instanceof LogPositionError, String(error));
          assert.equal(
            error.message,
            `Cannot go on with the log in ${folder} at octet ${from.offset} of segment ${from.segment}: ` +
              "no line starts there; read it from its start",
          );
          return true;
        });
      }
    }, files));
}

/** Reads along in the background: what has come so far, and a way to wait for more. */
function readAlong(folder: string, options: FollowOptions) {
  const read: Observation[] = [];
  let last: LogBatch | undefined;
  let wake = Promise.withResolvers<void>();
  const done = (async () => {
    for await (const batch of followLog(folder, options)) {
      read.push(...batch.records);
      last = batch;
      wake.resolve();
    }
  })();
  const upTo = async (count: number) => {
    while (read.length < count) {
      await wake.promise;
      wake = Promise.withResolvers();
    }
  };
  return { read, done, upTo, position: () => last?.position };
}

Deno.test("what is written is read as it comes, over segments, until the writer is gone", () =>
  inFolder(async (parent) => {
    const folder = join(parent, "run");
    const log = await LogWriter.create(folder, { segmentBytes: 1_000 });
    log.append(run);
    await log.flush();
    const gone = new AbortController();
    const along = readAlong(folder, { writerGone: gone.signal });
    await along.upTo(1);
    for (let index = 0; index < 30; index += 10) {
      for (const record of hosts(index, index + 10)) log.append(record);
      await log.flush();
      await along.upTo(1 + index + 10);
    }
    log.append(host(30));
    await log.close();
    gone.abort();
    await along.done;
    assert.deepEqual(along.read, [run, ...hosts(0, 31)]);
    assert.ok(along.position()!.segment > 3);
  }));

Deno.test("a line is read once its end is there, and a torn one not at all", () =>
  inFolder(async (folder) => {
    const path = join(folder, "000001.ndjson");
    const gone = new AbortController();
    const torn: number[] = [];
    const along = readAlong(folder, {
      writerGone: gone.signal,
      onTornEnd: ({ octets }) => torn.push(octets),
    });
    await along.upTo(1);
    const line = linesOf([host(1)]);
    await Deno.writeTextFile(path, line.slice(0, 30), { append: true });
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.deepEqual(along.read, [run]);
    // A resumed run cuts it off, and writes something else there.
    await Deno.truncate(path, linesOf([run]).length);
    await Deno.writeTextFile(path, linesOf([host(2)]) + line.slice(0, 30), { append: true });
    await along.upTo(2);
    gone.abort();
    await along.done;
    assert.deepEqual(along.read, [run, host(2)]);
    assert.deepEqual(torn, [30]);
  }, { "000001.ndjson": linesOf([run]) }));

Deno.test("damage that stays in the middle ends it, with file and line", () =>
  inFolder(async (folder) => {
    await assert.rejects(followAll(folder, { from: { segment: 1, offset: linesOf([run]).length } }), {
      name: "LogReadError",
      message: `Cannot read ${folder}/000001.ndjson line 3: not JSON; without that line the rest can be read`,
    });
  }, { "000001.ndjson": `${linesOf([run, host(1)])}\0\0\n${linesOf([host(2)])}` }));
