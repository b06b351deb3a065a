import assert from "node:assert/strict";
import { join } from "node:path";
import { type Observation, readLog, type TornEnd } from "../../../src/observe/mod.ts";
import { inFolder } from "./sample_log.ts";

const run =
  '{"type":"run","time":"2026-01-31T23:59:59.123Z","id":"a","log_version":1,"margay_version":"0.1.0",' +
  '"config":{},"seed":1,"targets":1}';
const host = '{"type":"host","time":"2026-01-31T23:59:59.124Z","address":"192.0.2.1","port":443,' +
  '"verdict":"open","transport":"wire"}';

interface Outcome {
  readonly types: string[];
  readonly torn: TornEnd[];
  readonly message: string | undefined;
}

/** Reads a log of these files; paths in messages are relative to its folder. */
async function read(files: Readonly<Record<string, string | Uint8Array>>): Promise<Outcome> {
  const folder = await Deno.makeTempDir();
  const records: Observation[] = [];
  const torn: TornEnd[] = [];
  let message: string | undefined;
  try {
    for (const [name, content] of Object.entries(files)) {
      if (typeof content === "string") await Deno.writeTextFile(join(folder, name), content);
      else await Deno.writeFile(join(folder, name), content);
    }
    const onTornEnd = (line: TornEnd) => torn.push({ ...line, path: line.path.replace(`${folder}/`, "") });
    for await (const record of readLog(folder, { onTornEnd })) records.push(record);
  } catch (error) {
    message = String(error).replaceAll(`${folder}/`, "").replaceAll(folder, "RUN");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  return { types: records.map(({ type }) => type), torn, message };
}

Deno.test("segments are read in the order of their numbers, other files passed over", async () => {
  const outcome = await read({
    "000002.ndjson": `${host}\n`,
    "000001.ndjson": `${run}\n${host}\n`,
    "notes.txt": "mine",
  });
  assert.deepEqual(outcome, { types: ["run", "host", "host"], torn: [], message: undefined });
});

Deno.test("a torn last line is reported and passed over", async () => {
  const outcome = await read({ "000001.ndjson": `${run}\n${host}\n${host.slice(0, 30)}` });
  assert.deepEqual(outcome.types, ["run", "host"]);
  const offset = run.length + host.length + 2;
  assert.deepEqual(outcome.torn, [{ path: "000001.ndjson", line: 3, offset, octets: 30 }]);
  assert.equal(outcome.message, undefined);
});

Deno.test("a line that lacks only its end is torn too: a resumed run cuts it off", async () => {
  const outcome = await read({ "000001.ndjson": `${run}\n${host}` });
  assert.deepEqual(outcome.types, ["run"]);
  assert.equal(outcome.torn.length, 1);
});

Deno.test("a log that was killed before its first line is empty", async () => {
  assert.deepEqual(await read({ "000001.ndjson": "" }), { types: [], torn: [], message: undefined });
});

Deno.test("lines longer than a read, and lines that end where a read ends", async () => {
  for (const padding of [1, 65_535, 65_536, 65_537, 300_000]) {
    const long = JSON.stringify({ type: "service", time: "", text: "é".repeat(padding) });
    const outcome = await read({ "000001.ndjson": `${run}\n${long}\n${host}\n` });
    assert.deepEqual(outcome, { types: ["run", "service", "host"], torn: [], message: undefined });
  }
  for (let length = 65_530; length < 65_545; length += 1) {
    const filler = JSON.stringify({ type: "x", time: "", pad: "" });
    const line = JSON.stringify({
      type: "x",
      time: "",
      pad: "p".repeat(length - run.length - filler.length - 2),
    });
    const outcome = await read({ "000001.ndjson": `${run}\n${line}\n${host}\n` });
    assert.deepEqual(outcome.types, ["run", "x", "host"], `${length}`);
  }
});

/** What is said of a damaged line behind the first. */
const WAY_OUT = "; without that line the rest can be read";

const BAD: readonly [name: string, files: Record<string, string | Uint8Array>, message: string][] = [
  [
    "no segment",
    { "notes.txt": "mine" },
    "LogReadError: Cannot read the log in RUN: it holds no segment such as 000001.ndjson",
  ],
  [
    "a missing segment",
    { "000001.ndjson": `${run}\n`, "000003.ndjson": `${host}\n` },
    "LogReadError: Cannot read the log in RUN: 000002.ndjson is missing",
  ],
  [
    "a line that is no JSON",
    { "000001.ndjson": `${run}\n${host}\n{"type":"ho\n${host}\n` },
    `LogReadError: Cannot read 000001.ndjson line 3: not JSON${WAY_OUT}`,
  ],
  [
    "octets that are no UTF-8",
    { "000001.ndjson": new Uint8Array([0xff, 0xfe, 0x0a]) },
    "LogReadError: Cannot read 000001.ndjson line 1: not JSON",
  ],
  [
    "JSON that is no record",
    { "000001.ndjson": `${run}\n[1,2]\n` },
    `LogReadError: Cannot read 000001.ndjson line 2: not a record with "type" and "time"${WAY_OUT}`,
  ],
  [
    "a record that lacks what its type has",
    { "000001.ndjson": `${run}\n${host.replace("verdict", "opinion")}\n` },
    `LogReadError: Cannot read 000001.ndjson line 2: a record of type "host" without a usable "verdict"${WAY_OUT}`,
  ],
  [
    "a record whose field is something else",
    { "000001.ndjson": `${run}\n{"type":"name","time":"","name":"a","addresses":[1]}\n` },
    `LogReadError: Cannot read 000001.ndjson line 2: a record of type "name" without a usable "addresses"${WAY_OUT}`,
  ],
  [
    "a log without its head",
    { "000001.ndjson": `${host}\n` },
    'LogReadError: Cannot read 000001.ndjson line 1: a log starts with a "run" record, not "host"',
  ],
  [
    "a segment cut off before the last one",
    { "000001.ndjson": `${run}\n${host.slice(0, 9)}`, "000002.ndjson": `${host}\n` },
    `LogReadError: Cannot read 000001.ndjson line 2: it is cut off, yet a later segment follows${WAY_OUT}`,
  ],
  [
    "a newer format",
    {
      "000001.ndjson":
        run.replace('version":1', 'version":2').replace("0.1.0", "3.0.0").replace("config", "settings") +
        "\n",
    },
    "LogReadError: Cannot read 000001.ndjson: a newer margay (3.0.0) wrote it in log version 2, " +
    "this one reads up to 1; upgrade margay",
  ],
  [
    "a file that has no lines",
    { "000001.ndjson": new Uint8Array(17 * 1024 * 1024) },
    "LogReadError: Cannot read 000001.ndjson line 1: a line is longer than 16777216 octets",
  ],
];

for (const [name, files, message] of BAD) {
  Deno.test(`refused: ${name}`, async () => {
    assert.equal((await read(files)).message, message);
  });
}

Deno.test("refused: a segment that never ends, and one that never begins", async () => {
  await inFolder(async (folder) => {
    await Deno.mkdir(folder, { recursive: true });
    const segment = `${folder}/000001.ndjson`;
    const refusal = { name: "LogReadError", message: `Cannot read ${segment}: it is no file` };
    await Deno.symlink("/dev/zero", segment);
    await assert.rejects(Array.fromAsync(readLog(folder)), refusal);
    await Deno.remove(segment);
    await new Deno.Command("mkfifo", { args: [segment] }).output();
    await assert.rejects(Array.fromAsync(readLog(folder)), refusal);
  });
});

Deno.test("refused: a folder that doesn't exist, and a file", async () => {
  await assert.rejects(readLog("/nowhere/at/all").next(), {
    name: "LogReadError",
    message: "Cannot read the log in /nowhere/at/all: there is no such folder",
  });
  const file = import.meta.filename!;
  await assert.rejects(readLog(file).next(), {
    name: "LogReadError",
    message: `Cannot read the log in ${file}: it is a file; name the folder of a run`,
  });
});
