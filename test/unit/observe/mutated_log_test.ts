import assert from "node:assert/strict";
import { join } from "node:path";
import {
  LogReadError,
  LogWriter,
  type Observation,
  readLog,
  type TornEnd,
} from "../../../src/observe/mod.ts";
import { mutate } from "../../fuzz/mutator.ts";
import { Random } from "../../fuzz/random.ts";
import { gzip, host, hosts, inFolder, linesOf, run } from "./sample_log.ts";

const encoder = new TextEncoder();
const text = linesOf([run, ...hosts(0, 6)]);

/** A log, as text and as what a loss of power makes of it. */
const SEEDS = [text, `${text.slice(0, -40)}${"\0".repeat(40)}`, `${text}\n\n`].map((text) =>
  encoder.encode(text)
);

/** What is read, and how it ended: a torn end, nothing, or the refusal. */
async function read(folder: string): Promise<{ records: Observation[]; end: TornEnd | string | undefined }> {
  const records: Observation[] = [];
  let end: TornEnd | string | undefined;
  try {
    for await (const record of readLog(folder, { onTornEnd: (torn) => end = torn })) records.push(record);
  } catch (error) {
    assert.ok(error instanceof LogReadError, `${error}`);
    end = error.message;
  }
  return { records, end };
}

Deno.test("however a log is damaged, it is refused untouched, or goes on with all that can be read", async () => {
  const random = new Random(11);
  const seen = { refused: 0, torn: 0, whole: 0 };
  for (let round = 0; round < 300; round += 1) {
    const octets = mutate(random, SEEDS);
    await inFolder(async (folder) => {
      const path = join(folder, "000001.ndjson");
      const { records, end } = await read(folder);
      if (typeof end === "string") {
        seen.refused += 1;
        await assert.rejects(LogWriter.reopen(folder), { name: "LogReadError", message: end });
        assert.deepEqual(await Deno.readFile(path), octets);
        return;
      }
      seen[end ? "torn" : "whole"] += 1;
      const { log, repair } = await LogWriter.reopen(folder);
      assert.deepEqual(repair, end);
      log.append(host(9));
      await log.close();
      assert.deepEqual(await read(folder), { records: [...records, host(9)], end: undefined });
      assert.deepEqual(await Deno.readFile(path), octets.slice(0, end?.offset ?? octets.length));
    }, { "000001.ndjson": octets });
  }
  for (const count of Object.values(seen)) assert.ok(count > 0, JSON.stringify(seen));
});

Deno.test("however a compressed segment is damaged, it is refused or reads as it was", async () => {
  const random = new Random(12);
  const whole = await gzip(text);
  for (let round = 0; round < 200; round += 1) {
    await inFolder(async (folder) => {
      const { records, end } = await read(folder);
      assert.ok(typeof end === "string" || (end === undefined && linesOf(records) === text), `${round}`);
    }, { "000001.ndjson.gz": mutate(random, [whole]) });
  }
});
