import assert from "node:assert/strict";
import { join } from "node:path";
import { foldLog, mergeGraph } from "../../../../src/graph/builder/mod.ts";
import { openForBuilding } from "../../../../src/graph/store/open_for_building.ts";
import type { Observation } from "../../../../src/observe/mod.ts";
import { inFolder } from "../../observe/sample_log.ts";
import { seededRandom } from "../../targets/random.ts";
import { dumpOfFile } from "../canonical.ts";
import { logFolder } from "./log_folder.ts";
import { certificateRecord, type RandomRun, randomRuns, runRecord } from "./random_runs.ts";

/** How many worlds are tried, each in several ways. */
const SEEDS = Number(Deno.env.get("MARGAY_TEST_SEEDS") ?? 4);
const WAYS = 4;

for (let seed = 1; seed <= SEEDS; seed += 1) {
  Deno.test(`any order, division and repetition of logs makes the same graph, seed ${seed}`, async () => {
    await inFolder(async (folder) => {
      const runs = randomRuns(seed);
      const folders = await Promise.all(
        runs.map(({ first, records }, index) => logFolder(join(folder, `run${index}`), [first, ...records])),
      );
      const expected = await dumpOf(join(folder, "expected.sqlite"), folders);
      assert(expected.length > 100);
      for (let way = 0; way < WAYS; way += 1) {
        const place = join(folder, `way${way}`);
        await Deno.mkdir(place);
        assert.deepEqual(await anotherWay(place, runs, seededRandom(1000 * seed + way)), expected);
      }
    });
  });
}

/** The dump of a graph that logs are folded into, or other graphs merged. */
async function dumpOf(path: string, sources: readonly string[]): Promise<string[]> {
  {
    using graph = openForBuilding(path)!;
    for (const source of sources) {
      if (source.endsWith(".sqlite")) await mergeGraph(graph, source);
      else await foldLog(graph, source);
    }
  }
  return dumpOfFile(path);
}

/** Shuffles, repeats and divides the runs' records, lets machines fold parts of it, and puts it together again. */
async function anotherWay(
  place: string,
  runs: readonly RandomRun[],
  random: (limit: number) => number,
): Promise<string[]> {
  const logs: string[] = [];
  for (const { first, records } of runs) {
    const parts: Observation[][][] = Array.from(
      { length: 1 + random(3) },
      () => Array.from({ length: 1 + random(3) }, () => []),
    );
    const oneOf = <Value>(values: readonly Value[]) => values[random(values.length)]!;
    for (const record of shuffled([...records, ...records.filter(() => random(4) === 0)], random)) {
      oneOf(oneOf(parts)).push(record);
    }
    for (const [segment, ...others] of parts) {
      logs.push(await logFolder(join(place, `log${logs.length}`), [first, ...segment!], ...others));
    }
  }
  let sources = [...logs, ...logs.slice(0, random(3))];
  for (let step = 0; sources.length > 1; step += 1) {
    sources = shuffled(sources, random);
    const taken = sources.splice(0, 2 + random(3));
    const path = join(place, `step${step}.sqlite`);
    await dumpOf(path, taken);
    sources.push(path);
  }
  return await dumpOf(join(place, "all.sqlite"), sources);
}

function shuffled<Value>(values: readonly Value[], random: (limit: number) => number): Value[] {
  const result = [...values];
  for (let index = result.length - 1; index > 0; index -= 1) {
    const other = random(index + 1);
    [result[index], result[other]] = [result[other]!, result[index]!];
  }
  return result;
}

Deno.test("texts that SQLite would not give back whole make the same graph from logs and from graphs", async () => {
  await inFolder(async (folder) => {
    const hostile = (name: string, text: string) =>
      certificateRecord(name, {
        subject: { text, common_name: text, organization: text },
        issuer: { text, common_name: text, organization: text },
      });
    const records = ["a\0b", "a\0c", "a", "\ud800"].map((text, index) => hostile(`${index}`, text));
    const log = await logFolder(join(folder, "log"), [runRecord(0), ...records]);
    const path = join(folder, "folded.sqlite");
    const folded = await dumpOf(path, [log]);
    assert.deepEqual(await dumpOf(join(folder, "merged.sqlite"), [path]), folded);
    assert.deepEqual(await dumpOf(join(folder, "both.sqlite"), [log, path]), folded);
  });
});
