import assert from "node:assert/strict";
import { join } from "node:path";
import { openForBuilding } from "../../../src/graph/builder/mod.ts";
import { dumpOfFile } from "../graph/canonical.ts";
import { logFolder } from "../graph/builder/log_folder.ts";
import { randomRuns } from "../graph/builder/random_runs.ts";
import { inFolder, linesOf } from "../observe/sample_log.ts";
import { seededRandom } from "../targets/random.ts";

const main = new URL("../../../src/main.ts", import.meta.url).pathname;

/** How often a builder is killed. */
const KILLS = Number(Deno.env.get("MARGAY_TEST_KILLS") ?? 5);

function graph(...args: readonly string[]): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", main, "graph", ...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
}

async function run(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = graph(...args).spawn();
  await child.stdin.close();
  const { code, stdout, stderr } = await child.output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

/** Makes the logs of some runs; several of each. */
async function logs(folder: string, seed: number, recordCount: number): Promise<string[]> {
  const runs = randomRuns(seed, 3, recordCount);
  return await Promise.all(
    runs.map(({ first, records }, index) => logFolder(join(folder, `run${index}`), [first, ...records])),
  );
}

Deno.test("graph build: a summary of what came new, and nothing the second time", async () => {
  await inFolder(async (folder) => {
    const [first] = await logs(folder, 1, 60);
    const { code, stdout, stderr } = await run("build", first!);
    assert.deepEqual([code, stdout], [0, ""]);
    assert.match(
      stderr,
      /^margay: \S+\/run0\/graph\.sqlite done in [\d.]+s\n {2}folded +1 source\n {2}records +64, .*\n {2}new +\d+ addresses\n/,
    );
    assert.match(
      (await run("build", first!)).stderr,
      /^margay: \S+ done in [\d.]+s\n {2}folded +1 source\n$/,
    );
    const systems = join(folder, "systems.csv");
    await Deno.writeTextFile(systems, "0.0.0.0,255.255.255.255,64500,EVERYWHERE\n");
    assert.match(
      (await run("build", first!, "--asn-db", systems)).stderr,
      /^margay: \S+ done in [\d.]+s\n {2}folded +1 source\n {2}new +1 autonomous systems\n$/,
    );
    assert.deepEqual(await run("build", first!, "-q"), { code: 0, stdout: "", stderr: "" });
  });
});

Deno.test("graph merge: runs and graphs to the graph that graph build makes, which can be built anew", async () => {
  await inFolder(async (folder) => {
    const [first, second, third] = await logs(folder, 2, 60);
    const [all, part, merged] = ["all", "part", "merged"].map((name) => join(folder, `${name}.sqlite`));
    assert.equal((await run("build", first!, second!, third!, "--graph", all!)).code, 0);
    assert.equal((await run("build", third!, first!, "--graph", part!, "-q")).code, 0);
    assert.equal((await run("merge", part!, second!, "-o", merged!, "-q")).code, 0);
    assert.deepEqual(dumpOfFile(merged!), dumpOfFile(all!));
    assert.equal((await run("build", first!, "--graph", merged!, "--rebuild", "-q")).code, 0);
    assert(dumpOfFile(merged!).length < dumpOfFile(all!).length);
    assert.equal((await run("build", "--graph", merged!, "-q")).code, 0);
  });
});

Deno.test("graph build: what makes no sense is refused before anything is opened", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "graph.sqlite");
    for (
      const [args, code, message] of [
        [["build"], 2, "Cannot start: no RUN given; name the folder of a run"],
        [
          ["build", "a", "b"],
          2,
          "Cannot choose where the graph of several runs goes: say it with --graph FILE",
        ],
        [
          ["build", "a", "--follow", "b"],
          2,
          "Cannot use --follow with other runs: leave them out, or fold them first",
        ],
        [["build", "--follow", "b", "--rebuild"], 2, "Cannot use --follow with --rebuild: leave one out"],
        [["merge", "-o", path], 2, "Cannot start: nothing to merge; name folders of runs or graphs"],
        [
          ["build", folder, "--graph", path],
          1,
          `Cannot read the log in ${folder}: it holds no segment such as 000001.ndjson`,
        ],
        [
          ["merge", import.meta.filename!, "-o", path],
          1,
          `Cannot open ${import.meta.filename}: file is not a database; name a graph`,
        ],
      ] as const
    ) {
      assert.deepEqual(await run(...args), { code, stdout: "", stderr: `margay: ${message}\n` });
    }
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  });
});

Deno.test("graph build: a graph that another builder has is left to it", async () => {
  await inFolder(async (folder) => {
    const [first] = await logs(folder, 3, 10);
    using _ = openForBuilding(join(first!, "graph.sqlite"))!;
    const { code, stderr } = await run("build", first!);
    assert.equal(code, 1);
    assert.equal(
      stderr,
      `margay: Cannot write ${first}/graph.sqlite: another builder adds to it; wait until it has ended, or name ` +
        "another graph\n",
    );
  });
});

Deno.test("graph build: killed again and again, it ends with the same graph", async () => {
  await inFolder(async (folder) => {
    const random = seededRandom(KILLS);
    const parts: string[] = [];
    for (const { first, records } of randomRuns(4, 3, 6_000)) {
      for (let start = 0; start < records.length; start += 1_000) {
        const place = join(folder, `part${parts.length}`);
        parts.push(await logFolder(place, [first, ...records.slice(start, start + 1_000)]));
      }
    }
    const [expected, killed] = ["expected", "killed"].map((name) => join(folder, `${name}.sqlite`));
    const start = performance.now();
    assert.equal((await run("build", ...parts, "--graph", expected!, "-q")).code, 0);
    const wholeMs = performance.now() - start;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const child = graph("build", ...parts, "--graph", killed!, "-q").spawn();
      await child.stdin.close();
      const ended = child.output();
      await new Promise((resolve) => setTimeout(resolve, wholeMs * random(1_000) / 1_000));
      try {
        child.kill("SIGKILL");
      } catch {
        // It was quicker.
      }
      await ended;
    }
    assert.equal((await run("build", ...parts, "--graph", killed!, "-q")).code, 0);
    assert.deepEqual(dumpOfFile(killed!), dumpOfFile(expected!));
  });
});

/** A builder that follows a run, and what it has told. */
class Follower {
  readonly child: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  #text = "";

  constructor(folder: string, path: string) {
    this.child = graph("build", "--follow", folder, "--graph", path).spawn();
    this.#lines = this.child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** So far. */
  get told(): string {
    return this.#text;
  }

  /** Waits until it has folded so many records. */
  async until(records: number): Promise<void> {
    while (!this.#text.includes(`"records":${records}}`)) {
      const { done, value } = await this.#lines.read();
      assert(!done, `it ended with ${this.#text}`);
      this.#text += value;
    }
  }

  /** The writer goes. */
  async end(): Promise<{ code: number; stderr: string }> {
    await this.child.stdin.close();
    const [{ code }, stderr] = await Promise.all([
      this.child.status,
      new Response(this.child.stderr).text(),
    ]);
    await this.#lines.cancel();
    return { code, stderr };
  }

  /** Whoever reads its standard output goes. */
  closeOutput(): Promise<void> {
    return this.#lines.cancel();
  }
}

Deno.test("graph build --follow: folds what is written until standard input ends, whatever Ctrl-C says", async () => {
  await inFolder(async (folder) => {
    const [run0] = randomRuns(5);
    const { first, records } = run0!;
    const whole = await logFolder(join(folder, "whole"), [first, ...records]);
    const expected = join(folder, "expected.sqlite");
    assert.equal((await run("build", whole, "--graph", expected, "-q")).code, 0);

    const log = await logFolder(join(folder, "log"), [first, ...records.slice(0, 20)]);
    const path = join(folder, "graph.sqlite");
    const follower = new Follower(log, path);
    await follower.until(21);
    follower.child.kill("SIGINT");
    await Deno.writeTextFile(join(log, "000001.ndjson"), linesOf(records.slice(20, 30)), { append: true });
    await follower.until(31);
    await follower.closeOutput();
    await Deno.writeTextFile(join(log, "000002.ndjson"), linesOf(records.slice(30)));
    assert.deepEqual(await follower.end(), { code: 0, stderr: "" });
    assert.deepEqual(dumpOfFile(path), dumpOfFile(expected));
  });
});

Deno.test("graph build --follow: waits for another builder, ends at SIGTERM, and goes on another time", async () => {
  await inFolder(async (folder) => {
    const [run0] = randomRuns(6);
    const { first, records } = run0!;
    const log = await logFolder(join(folder, "log"), [first, ...records]);
    const path = join(folder, "graph.sqlite");
    const other = openForBuilding(path)!;
    const follower = new Follower(log, path);
    const told = follower.until(records.length + 1);
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(other.database.prepare("SELECT count(*) AS count FROM ip").get()!["count"], 0);
    other.close();
    await told;
    assert.match(follower.told, /^{"waiting":true,"records":0}\n{"waiting":false,"records":0}\n/);
    follower.child.kill("SIGTERM");
    assert.equal((await follower.child.status).code, 0);
    assert.deepEqual(await follower.end().catch(() => undefined), { code: 0, stderr: "" });
    const again = await run("build", log, "--graph", path);
    assert.match(again.stderr, /folded +1 source\n$/);
  });
});
