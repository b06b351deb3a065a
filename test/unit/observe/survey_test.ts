import assert from "node:assert/strict";
import { type Observation, surveyLog } from "../../../src/observe/mod.ts";
import { gzip, host, hosts, inFolder, linesOf, run } from "./sample_log.ts";

const at = (second: number) => `2026-01-31T00:00:0${second}.000Z`;

function tls(outcome: string): string {
  return JSON.stringify({
    type: "tls",
    time: at(1),
    address: "192.0.2.1",
    port: 443,
    transport: "wire",
    outcome,
    hello: "tls12",
    chain: [],
    bytes_sent: 1,
    bytes_received: 1,
    duration_ms: 1,
  }) + "\n";
}

const timed = (record: Observation, second: number): Observation => ({ ...record, time: at(second) });

Deno.test("records, octets and outcomes are counted over all segments", async () => {
  const parts = [linesOf([run, ...hosts(0, 10)]), tls("captured") + tls("captured") + tls("refused")];
  await inFolder(async (folder) => {
    const survey = await surveyLog(folder);
    assert.equal(survey.segments, 2);
    assert.equal(survey.compressed, 1);
    assert.deepEqual(survey.run, run);
    assert.deepEqual(Object.fromEntries(survey.types), {
      run: { records: 1, octets: linesOf([run]).length },
      host: { records: 10, octets: linesOf(hosts(0, 10)).length },
      tls: { records: 3, octets: parts[1]!.length },
    });
    assert.deepEqual(Object.fromEntries(survey.outcomes), { captured: 2, refused: 1 });
    assert.equal(survey.end, undefined);
    assert.equal(survey.torn, undefined);
  }, { "000001.ndjson.gz": await gzip(parts[0]!), "000002.ndjson": parts[1]! });
});

Deno.test("pauses between processes are not counted, and the end is the last record's", () =>
  inFolder(async (folder) => {
    const survey = await surveyLog(folder);
    assert.equal(survey.activeMs, 3_000);
    assert.equal(survey.resumptions, 1);
    assert.equal(survey.end, "done");
    assert.deepEqual([survey.firstTime, survey.lastTime], [at(1), at(9)]);
    assert.equal(survey.torn?.octets, 5);
  }, {
    "000001.ndjson": linesOf([
      timed(run, 1),
      timed(host(1), 2),
      { type: "end", time: at(3), reason: "interrupted", counters: {} },
      { type: "resume", time: at(8), margay_version: "0.1.0", cursor: "1", pending: 0 },
      { type: "end", time: at(9), reason: "done", counters: {} },
    ]) + '{"typ',
  }));

Deno.test("names without end cost no memory without end", () =>
  inFolder(async (folder) => {
    const { types, outcomes } = await surveyLog(folder);
    assert.ok(types.size <= 201 && outcomes.size <= 201, `${types.size} types, ${outcomes.size} outcomes`);
    assert.equal([...types.values()].reduce((sum, { records }) => sum + records, 0), 2_001);
  }, {
    "000001.ndjson": linesOf([run]) +
      Array.from({ length: 1_000 }, (_, index) => `{"type":"${index}","time":""}\n${tls(`${index}`)}`).join(
        "",
      ),
  }));
