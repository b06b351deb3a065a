import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readLog } from "../../src/observe/mod.ts";
import { runInLab, withLab } from "../lab/mod.ts";
import { Child, type Finished, scan, until } from "./child.ts";
import { foldLog } from "./resumption.ts";

/** A MAC address on the cable that is nobody's. */
const NOBODY = "02:00:00:00:00:99";

/** Loopback alone, slowly, without a summary. */
const LOOPBACK = ["--transport", "kernel", "-r", "100", "--seed", "3", "-q"];

async function inFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), "margay-resume-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Starts a scan and kills it when its log holds a checkpoint. */
async function killAtCheckpoint(log: string, args: readonly string[], folder?: string): Promise<void> {
  const child = await Child.start([...args, "-o", log], folder === undefined ? {} : { folder });
  await until(
    async () => await hasRecord(folder === undefined ? log : join(folder, log), '"checkpoint"'),
    "a checkpoint",
  );
  child.kill("SIGKILL");
  await assert.rejects(child.finish(), "it was killed");
}

async function hasRecord(log: string, words: string): Promise<boolean> {
  const text = await Deno.readTextFile(join(log, "000001.ndjson")).catch(() => "");
  return text.includes(words);
}

/** An open port on loopback that accepts and closes, beside which everything is closed. */
function openPort(): Deno.TcpListener {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  (async () => {
    for await (const connection of listener) connection.close();
  })();
  return listener;
}

Deno.test("a scan of files, names and standard input goes on as it was asked for, and only so", async (t) => {
  await inFolder(async (folder) => {
    const listener = openPort();
    const { port } = listener.addr;
    const list = join(folder, "list");
    await Deno.writeTextFile(list, "127.0.1.0/25\nlocalhost\n");
    const args = [`@${list}`, "-", "-4", "-p", String(port), ...LOOPBACK];
    const input = "127.0.2.0/26\n127.0.0.1\n";
    const log = join(folder, "run");
    const child = await Child.start([...args, "-o", log], { input });
    await until(() => hasRecord(log, '"checkpoint"'), "a checkpoint");
    const live = await scan(["--resume", log]);
    child.kill("SIGKILL");
    await assert.rejects(child.finish());

    const refusal = async (code: number, message: RegExp, finished: Promise<Finished>) => {
      const { code: seen, stderr } = await finished;
      assert.match(stderr, message);
      assert.equal(seen, code, stderr);
    };
    await t.step("not beside the process that writes it", () => {
      assert.match(
        live.stderr,
        /^margay: Cannot go on with the log in .*: it is being written by another margay; /,
      );
      assert.equal(live.code, 1);
    });
    await t.step("not with other options", async () => {
      const message = /: --ports 1 was \d+, --jarm was not given; leave that out, or start another scan\n$/;
      await refusal(2, message, scan(["--resume", log, "-p", "1", "--jarm"], { input }));
    });
    await t.step("not without its standard input", async () => {
      await refusal(
        2,
        /: the targets are not those of the run: 193 then, 129 now; let files and standard/,
        scan(["--resume", log]),
      );
    });
    await t.step("not with another file", async () => {
      await Deno.writeTextFile(list, "127.0.1.128/25\nlocalhost\n");
      await refusal(
        2,
        /: the targets are not those of the run: 193 as then, but others; /,
        scan(["--resume", log], { input }),
      );
      await Deno.writeTextFile(list, "localhost\n127.0.1.0/25\n");
    });
    await t.step("to the end, faster", async () => {
      const { code, stderr } = await scan(["--resume", log, "-r", "2000", "-q"], { input });
      assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
      const { hosts, end, processes } = await foldLog(log);
      assert.deepEqual(hosts, [`127.0.0.1:${port}`]);
      assert.deepEqual([end?.reason, end?.counters.open, end?.counters.verified, processes], [
        "done",
        1,
        1,
        2,
      ]);
      assert.ok(end!.counters.closed! >= 192, "as far as they can be added up");
    });
    await t.step("and no further", async () => {
      const before = await Deno.readTextFile(join(log, "000001.ndjson"));
      const { code } = await scan(["--resume", log], { input });
      assert.equal(code, 0);
      assert.equal(await Deno.readTextFile(join(log, "000001.ndjson")), before);
    });
    listener.close();
  });
});

Deno.test("Ctrl-C and --max-runtime end a process, not the run", async () => {
  await inFolder(async (folder) => {
    const asked = ["127.0.3.0/24", "-p", "9", "--transport", "kernel", "--seed", "3"];
    const child = await Child.start([...asked, "-r", "100", "-o", "run"], { folder });
    await until(() => hasRecord(join(folder, "run"), '"checkpoint"'), "a checkpoint");
    child.kill("SIGINT");
    const interrupted = await child.finish();
    assert.equal(interrupted.code, 130);
    assert.match(interrupted.stderr, /\n {2}to go on {5}margay scan --resume run\n$/);

    const limited = await scan(["--resume", "run", "-t", "0.3"], { folder });
    assert.equal(limited.code, 0, limited.stderr);
    assert.match(limited.stderr, /^margay: run \S+ stopped by --max-runtime after /m);
    assert.match(limited.stderr, /\n {2}to go on {5}margay scan --resume run\n$/);

    const rest = await scan(["--resume", "run", "-r", "2000"], { folder });
    assert.equal(rest.code, 0, rest.stderr);
    assert.match(rest.stderr, /^margay: run \S+ done in /m);
    const done = await scan(["--resume", "run"], { folder });
    assert.match(done.stderr, /^margay: run \S+ is done: there is nothing to resume\n$/);
    const sent: number[] = [];
    for await (const record of readLog(join(folder, "run"))) {
      if (record.type === "end") sent.push(record.counters.sent!);
    }
    // An attempt that was broken off is made again.
    assert.ok(sent.length === 3 && sent[0]! < sent[1]! && sent[1]! < 256, `${sent}`);
    assert.ok(sent[2]! >= 256 && sent[2]! < 256 + 2 * 64, `${sent}`);
  });
});

Deno.test("limits hold over all processes of a run", async () => {
  await inFolder(async (folder) => {
    const listener = openPort();
    const asked = ["127.0.4.0/24", "127.0.0.1", "-p", String(listener.addr.port), ...LOOPBACK];
    await killAtCheckpoint("few", [...asked, "-n", "150"], folder);
    const segment = join(folder, "few", "000001.ndjson");
    await Deno.writeTextFile(segment, '{"type":"host","ti', { append: true });
    const few = await scan(["--resume", "few", "-r", "2000"], { folder });
    assert.equal(few.code, 0, few.stderr);
    assert.match(
      few.stderr,
      /^margay: few\/000001\.ndjson line \d+ was never finished: cut off \(18 octets\)\n/,
    );
    const { end } = await foldLog(join(folder, "few"));
    assert.equal(end?.counters.targets, 150);
    // Between the last checkpoint and the kill is what was asked twice.
    assert.ok(end.counters.sent! >= 150 - 1 && end.counters.sent! < 257, `${end.counters.sent}`);
    listener.close();
  });
});

Deno.test("what is no run of this margay's is not gone on with", async () => {
  await inFolder(async (folder) => {
    const log = join(folder, "log");
    await Deno.mkdir(log);
    const write = (record: object) =>
      Deno.writeTextFile(join(log, "000001.ndjson"), `${JSON.stringify(record)}\n`);
    const run = { type: "run", time: "2026-01-31T23:59:59.000Z", id: "x", config: {}, seed: 1, targets: 1 };
    const resume = async (path: string) => (await scan(["--resume", path])).stderr;
    assert.match(await resume(join(folder, "nowhere")), /^margay: Cannot read the log in .*nowhere: /);
    assert.match(await resume(log), /^margay: Cannot read the log in .*: it holds no segment such as 000001/);
    await Deno.writeTextFile(join(log, "000001.ndjson"), "");
    assert.match(
      await resume(log),
      /^margay: Cannot resume .*: its run ended before it began, and nothing was sent; /,
    );
    await write({ ...run, log_version: 9, margay_version: "9.9.9" });
    assert.match(await resume(log), /: a newer margay \(9\.9\.9\) wrote it in log version 9, /);
    await write({
      ...run,
      log_version: 1,
      margay_version: "0.1.0",
      config: { targets: ["127.0.0.1"], asks: 7 },
    });
    assert.match(
      await resume(log),
      /: its record of what was asked for cannot be read: asks is no option of this margay\n$/,
    );
    await write({ ...run, type: "end", reason: "done", counters: {} });
    assert.match(
      await resume(log),
      /^margay: Cannot read .* line 1: a log starts with a "run" record, not "end"\n$/,
    );
    assert.match(
      await resume(join(log, "000001.ndjson")),
      /: it is a file; only a run's folder says how far it came/,
    );
  });
});

/** Runs inside: a scan that nobody answers, killed in its second pass, and how many frames its resumption sends. */
export function killInSecondPass() {
  return withLab({ prefix: "10.50.7.0/24", certificateCount: 4 }, async (lab) => {
    const asked = [lab.prefix, "-G", NOBODY, "-c", "0.3", "-r", "100", "-n", "100", "--retries", "2", "-q"];
    const child = await Child.start([...asked, "-o", "/run/passes"]);
    await until(() => hasRecord("/run/passes", '"repeat":{"pass":1,"cursor":"0"}'), "the second pass");
    child.kill("SIGKILL");
    await child.finish().catch(() => {});
    const wiretap = await lab.startWiretap();
    const finished = await scan(["--resume", "/run/passes"]);
    const { framesSent } = await wiretap.stop();
    return { finished, framesSent };
  });
}

Deno.test("a pass over what kept silent goes on as well", async () => {
  const { finished, framesSent } = await runInLab<Awaited<ReturnType<typeof killInSecondPass>>>({
    module: import.meta.url,
    name: "killInSecondPass",
  });
  assert.equal(finished.code, 0, finished.stderr);
  // The first pass is over; the second begins again, and the third follows.
  assert.equal(framesSent, 200);
});
