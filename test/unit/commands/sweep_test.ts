/** The command from its arguments to its exit code, through this host's sockets: no privilege is needed. */
import assert from "node:assert/strict";

const main = new URL("../../../src/main.ts", import.meta.url).pathname;
const decoder = new TextDecoder();

function spawnSweep(...args: string[]): Deno.ChildProcess {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", main, "sweep", "--transport", "kernel", ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
  return command.spawn();
}

async function sweep(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await spawnSweep(...args).output();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Calls `use` with an open and a closed target on loopback, and an empty folder. */
async function withTargets(
  use: (given: { open: string; closed: string; folder: string }) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  try {
    // The whole of 127.0.0.0/8 is this host; nothing listens at its other addresses.
    await use({ open: `127.0.0.1:${port}`, closed: `127.0.0.2:${port}`, folder });
  } finally {
    listener.close();
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("open ports go to standard output, the summary to standard error", async () => {
  await withTargets(async ({ open, closed }) => {
    const { code, stdout, stderr } = await sweep(open, closed);
    assert.equal(code, 0, stderr);
    const [address, port] = open.split(":");
    const record = JSON.parse(stdout);
    assert.deepEqual([record.address, record.port, record.verdict], [address, Number(port), "open"]);
    assert.match(stderr, /^margay: swept in .*\n(.*\n)* {2}answers +1 open .*\n +1 closed\n/m);
    const quiet = await sweep(open, closed, "-q", "--format", "zmap-csv");
    assert.deepEqual(quiet, { code: 0, stdout: `${address}\n`, stderr: "" });
  });
});

Deno.test("files: results, metadata beside them, status; nothing is overwritten", async () => {
  await withTargets(async ({ open, closed, folder }) => {
    const results = `${folder}/results.csv`;
    const args = [open, closed, "--all", "-q", "--format", "csv", "-f", "verdict", "-o", results];
    const { code, stdout, stderr } = await sweep(...args, "--status", `${folder}/status.csv`);
    assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: "", stderr: "" });
    const lines = (await Deno.readTextFile(results)).split("\n");
    assert.deepEqual(lines.toSorted(), ["", "closed", "open", "verdict"]);
    const metadata = JSON.parse(await Deno.readTextFile(`${results}.meta.json`));
    assert.deepEqual([metadata.outcome, metadata.results, metadata.counters.open], ["done", 2, 1]);
    assert.match(await Deno.readTextFile(`${folder}/status.csv`), /^real-time,.*\n(.*,.*\n)+$/);

    const again = await sweep(...args);
    assert.equal(again.code, 1);
    assert.match(again.stderr, /^margay: Cannot write to .*results\.csv: it holds something already; /);
  });
});

Deno.test("a signal changes the rate, Ctrl-C ends the sweep, and the metadata tells of both", async () => {
  await withTargets(async ({ folder }) => {
    const [metadataPath, statusPath] = [`${folder}/metadata.json`, `${folder}/status.csv`];
    const files = ["--metadata", metadataPath, "--status", statusPath];
    const child = spawnSweep("127.1.0.0/23", "-p", "9", "-r", "100", "-e", "5", ...files);
    const output = child.output();
    while (await lineCount(statusPath) < 2) await delay(20);
    for (const signal of ["SIGUSR1", "SIGUSR1", "SIGUSR2", "SIGINT"] as const) {
      child.kill(signal);
      await delay(200);
    }
    const { code, stderr } = await output;
    assert.equal(code, 130);
    const metadata = JSON.parse(await Deno.readTextFile(metadataPath));
    assert.equal(metadata.outcome, "interrupted");
    // 100, 105, 110, 105: each by 5%, in whole probes.
    assert.equal(metadata.counters.rate, 105);
    assert.ok(metadata.counters.sent < 512, "it had not come to its end");
    // The kernel's sockets keep no order to go on in.
    assert.ok(!("cursor" in metadata));
    assert.doesNotMatch(decoder.decode(stderr), /to go on/);
  });
});

Deno.test("a second Ctrl-C ends a sweep whose output nobody reads", async () => {
  await withTargets(async ({ folder }) => {
    const statusPath = `${folder}/status.csv`;
    // Much more than a pipe holds.
    const child = spawnSweep("127.1.0.0/20", "-p", "9", "-f", "*", "--all", "-q", "--status", statusPath);
    try {
      while (await lineCount(statusPath) < 3) await delay(50);
      child.kill("SIGINT");
      const ended = await Promise.race([child.status.then(() => true), delay(1500).then(() => false)]);
      assert.equal(ended, false, "the first one waits for the reader");
      child.kill("SIGTERM");
      assert.equal((await child.status).code, 130);
    } finally {
      await Promise.all([child.stdout.cancel(), child.stderr.cancel()]);
    }
  });
});

Deno.test("two files that are one are refused before anything is written", async () => {
  await withTargets(async ({ open, folder }) => {
    const [results, link] = [`${folder}/results`, `${folder}/link`];
    await Deno.symlink(folder, link);
    const refused = async (what: string, ...args: string[]) => {
      const { code, stderr } = await sweep(open, ...args);
      assert.equal(code, 2, stderr);
      assert.match(
        stderr,
        new RegExp(`^margay: Cannot write ${what} to .*: both are the same file; name another`),
      );
      assert.deepEqual(Array.from(Deno.readDirSync(folder), ({ name }) => name), ["link"]);
    };
    await refused("--output and --status", "-o", results, "--status", `${link}/results`);
    await refused("--output and --metadata", "-o", results, "--metadata", `${folder}/./results`);
    await refused("--metadata and --status", "--status", results, "--metadata", results);
    const beside = `${results}.meta.json`;
    await refused("the metadata beside --output and --status", "-o", results, "--status", beside);
    const { code, stderr } = await sweep(open, "-q", "--status", "/dev/null", "--metadata", "/dev/null");
    assert.equal(code, 0, stderr);
  });
});

Deno.test("a dry run prints the targets of each shard, all of them once", async () => {
  const lines: string[] = [];
  for (const shard of ["1/3", "2/3", "3/3"]) {
    const { code, stdout } = await sweep(
      "192.0.2.0/29",
      "-p",
      "80,443",
      "-e",
      "7",
      "--shard",
      shard,
      "--dry-run",
    );
    assert.equal(code, 0);
    lines.push(...stdout.trimEnd().split("\n"));
  }
  const expected = Array.from({ length: 8 }, (_, host) => [80, 443].map((port) => `192.0.2.${host}:${port}`));
  assert.deepEqual(lines.toSorted(), expected.flat().toSorted());
});

async function lineCount(path: string): Promise<number> {
  try {
    return (await Deno.readTextFile(path)).split("\n").length - 1;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
