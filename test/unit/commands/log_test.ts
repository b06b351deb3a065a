import assert from "node:assert/strict";
import { join } from "node:path";
import { host, hosts, inFolder, linesOf, run } from "../observe/sample_log.ts";

const main = new URL("../../../src/main.ts", import.meta.url).pathname;

/** What a command line prints and how it ends, run in a folder by a shell, so that it can end in a pipe. */
async function margay(folder: string, line: string) {
  const script = `cd "$1"; deno=$2; main=$3
    margay() { "$deno" run -A --no-check --quiet "$main" "$@"; }
    ${line}`;
  const args = ["-c", script, "sh", folder, Deno.execPath(), main];
  const { code, stdout, stderr } = await new Deno.Command("bash", { args }).output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

async function inRuns(use: (folder: string) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    const end = { type: "end", time: "2026-02-01T00:00:01.123Z", reason: "done", counters: {} } as const;
    const logs = {
      whole: linesOf([run, host(1), end]),
      torn: `${linesOf([run, host(1)])}{"type"`,
      corrupt: `${linesOf([run])}nonsense\n${linesOf([host(1)])}`,
      newer: linesOf([{ ...run, log_version: 2, margay_version: "9.0.0" }]),
      unfinished: "",
      long: linesOf([run, ...hosts(0, 20_000)]),
    };
    for (const [name, text] of Object.entries(logs)) {
      await Deno.mkdir(join(folder, name));
      await Deno.writeTextFile(join(folder, name, "000001.ndjson"), text);
    }
    await use(folder);
  }, { file: "" });
}

Deno.test("log check tells of every log, and ends with 1 when one cannot be read", () =>
  inRuns(async (folder) => {
    assert.deepEqual(await margay(folder, "margay log check whole torn"), {
      code: 0,
      stdout: `whole: complete
  files        1 segment
  records      3
  checkpoints  0
  first        2026-01-31T23:59:59.123Z
  last         2026-02-01T00:00:01.123Z
torn: killed, or still being written; can be resumed
  files        1 segment
  records      2
  checkpoints  0
  first        2026-01-31T23:59:59.123Z
  last         2026-01-31T23:59:59.123Z
  torn         000001.ndjson ends in 7 octets that never became a line
`,
      stderr: "",
    });
    const { code, stdout, stderr } = await margay(
      folder,
      "margay log check corrupt newer unfinished none file whole",
    );
    assert.deepEqual([code, stderr], [1, ""]);
    assert.equal(
      stdout.slice(0, stdout.indexOf("whole")),
      `corrupt: unreadable
  cause        Cannot read corrupt/000001.ndjson line 2: not JSON; without that line the rest can be read
newer: unreadable
  cause        Cannot read newer/000001.ndjson: a newer margay (9.0.0) wrote it in log version 2, this one reads up \
to 1; upgrade margay
unfinished: empty; killed before its first line
  files        1 segment
  records      0
  checkpoints  0
none: unreadable
  cause        Cannot read the log in none: there is no such folder
file: unreadable
  cause        Cannot read the log in file: it is a file; name the folder of a run
`,
    );
  }));

Deno.test("log cat writes the lines as they are, of the types that are asked for", () =>
  inRuns(async (folder) => {
    const whole = await Deno.readTextFile(join(folder, "whole", "000001.ndjson"));
    assert.deepEqual(await margay(folder, "margay log cat whole"), { code: 0, stdout: whole, stderr: "" });
    assert.deepEqual(await margay(folder, "margay log cat torn whole --type host"), {
      code: 0,
      stdout: linesOf([host(1), host(1)]),
      stderr: "margay: 000001.ndjson ends in 7 octets that never became a line; passed over\n",
    });
    assert.deepEqual(await margay(folder, "set -o pipefail; margay log cat long | head -1"), {
      code: 0,
      stdout: linesOf([run]),
      stderr: "",
    });
    assert.deepEqual(await margay(folder, "margay log cat corrupt"), {
      code: 1,
      stdout: linesOf([run]),
      stderr:
        "margay: Cannot read corrupt/000001.ndjson line 2: not JSON; without that line the rest can be read\n",
    });
    const full = await margay(folder, "margay log cat long > /dev/full");
    assert.equal(full.code, 1);
    assert.match(full.stderr, /^margay: Cannot write to standard output: No space left on device/);
  }));

Deno.test("log stats counts, for a person and for programs", () =>
  inRuns(async (folder) => {
    const octets = (await Deno.stat(join(folder, "whole", "000001.ndjson"))).size;
    const { code, stdout, stderr } = await margay(folder, "margay log stats whole");
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(
      stdout,
      /^run 20260131T235959Z-9f86d081: complete\n {2}files {8}1 segment\n {2}time .*\n {2}duration {5}2\.0s\n/,
    );
    assert.match(stdout, /\n {2}hosts {8}1, 1\/s\n/);
    assert.match(stdout, /\n {6}3 +\d+ B +100\.0% {2}all\n$/);
    const { types, ...fields } = JSON.parse((await margay(folder, "margay log stats whole --json")).stdout);
    assert.deepEqual(fields, {
      run: run.id,
      margay_version: "0.1.0",
      state: "complete",
      torn_octets: 0,
      segments: 1,
      compressed_segments: 0,
      resumptions: 0,
      first_time: "2026-01-31T23:59:59.123Z",
      last_time: "2026-02-01T00:00:01.123Z",
      duration_ms: 2_000,
      records: 3,
      octets,
      hosts: 1,
      captures: 0,
      outcomes: {},
      certificates: 0,
      records_per_second: 1.5,
      octets_per_second: octets / 2,
      hosts_per_second: 0.5,
      captures_per_second: 0,
    });
    assert.equal(types.host.records, 1);
    assert.equal((await margay(folder, "margay log stats corrupt")).code, 1);
    assert.equal((await margay(folder, "margay log stats")).code, 2);
  }));
