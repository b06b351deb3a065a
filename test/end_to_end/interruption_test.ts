import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { nextLine } from "../lab/lines.ts";
import { runInLab, withLab } from "../lab/mod.ts";
import { readRunLog, type RunLog } from "../lab/run_log.ts";
import { runTool } from "../lab/tools.ts";
import { Child, type Finished, until } from "./child.ts";

/** The port of a server that keeps every connection open and says nothing. */
const MUTE_PORT = 444;

interface Interruption {
  readonly signal: "SIGINT" | "SIGTERM";
  readonly transport: "wire" | "kernel";
}

const INTERRUPTIONS: readonly Interruption[] = [
  { signal: "SIGINT", transport: "wire" },
  { signal: "SIGTERM", transport: "wire" },
  { signal: "SIGINT", transport: "kernel" },
  { signal: "SIGTERM", transport: "kernel" },
];

interface Interrupted {
  readonly finished: Finished;
  readonly log: Pick<RunLog, "end" | "hosts" | "unknownFingerprints"> & { readonly captures: number };
}

async function readInterrupted(folder: string, finished: Finished): Promise<Interrupted> {
  // Throws where the log isn't whole.
  const { end, hosts, unknownFingerprints, captures } = await readRunLog(folder);
  return { finished, log: { end, hosts, unknownFingerprints, captures: captures.length } };
}

/** Runs inside: scans that are interrupted half-way, with connections open on the servers' side. */
export function interrupt() {
  return withLab({ prefix: "10.50.4.0/22", certificateCount: 4 }, async (lab) => {
    const mute = await startMuteServer();
    const seen: (Interrupted & { readonly openBefore: number })[] = [];
    try {
      for (const { signal, transport } of INTERRUPTIONS) {
        const folder = `/run/${signal}-${transport}`;
        // Mute servers hold their connections open for longer than all of this takes.
        const child = await Child.start([
          ...[lab.prefix, "-p", `${lab.port},${MUTE_PORT}`, "-r", "200", "--transport", transport],
          ...["--capture-timeout", "60", "-o", folder],
        ]);
        await until(async () => await openConnections() > 10, "connections of the scan on the servers' side");
        await until(() => hasRecord(folder, "tls"), "a capture in the log");
        const openBefore = await openConnections();
        child.kill(signal);
        const interrupted = await readInterrupted(folder, await child.finish());
        await until(async () => await openConnections() === 0, "the end of every connection");
        seen.push({ ...interrupted, openBefore });
      }
    } finally {
      mute.kill("SIGKILL");
      await mute.status;
    }
    return seen;
  });
}

async function startMuteServer(): Promise<Deno.ChildProcess> {
  const program = fileURLToPath(new URL("./mute_server.ts", import.meta.url));
  const child = new Deno.Command("ip", {
    args: ["netns", "exec", "world", Deno.execPath(), "run", "-A", "--quiet", program, String(MUTE_PORT)],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  assert.equal(await nextLine(child.stdout), "ready");
  return child;
}

/** How many connections the mute server has that aren't closed on both sides. */
async function openConnections(): Promise<number> {
  const states = ["state", "established", "state", "close-wait"];
  const list = await runTool([
    ...["ip", "netns", "exec", "world", "ss", "--no-header", "--tcp", "--numeric"],
    ...[...states, "sport", "=", `:${MUTE_PORT}`],
  ]);
  return list.split("\n").filter((line) => line !== "").length;
}

async function hasRecord(folder: string, type: string): Promise<boolean> {
  const text = await Deno.readTextFile(`${folder}/000001.ndjson`).catch(() => "");
  return text.includes(`{"type":"${type}"`);
}

Deno.test("Ctrl-C and SIGTERM end a scan at once: log closed, connections closed, exit code 130", async (t) => {
  const seen = await runInLab<Awaited<ReturnType<typeof interrupt>>>({
    module: import.meta.url,
    name: "interrupt",
  });
  for (const [index, { signal, transport }] of INTERRUPTIONS.entries()) {
    await t.step(`${signal}, --transport ${transport}`, () => {
      const { finished: { code, stdout, stderr }, log, openBefore } = seen[index]!;
      assert.equal(code, 130, stderr);
      assert.equal(stdout, "");
      assert.match(stderr, /^margay: run \S+ interrupted after /m);
      assert.doesNotMatch(stderr, /filtered|Cannot|Error/, "who would have kept silent isn't known");
      assert.equal(log.end?.reason, "interrupted");
      const { targets, sent, verified, captures_captured, captures_abandoned } = log.end.counters;
      assert.equal(targets, 2048);
      assert.ok(sent! < targets!, `${sent} probes were sent`);
      assert.equal(log.hosts, verified);
      assert.equal(log.captures, captures_captured);
      assert.ok(captures_abandoned! > 0);
      assert.deepEqual(log.unknownFingerprints, []);
      assert.ok(openBefore > 10);
    });
  }
});

/** Runs inside: scans that are interrupted when all is sent, and before anything is. */
export function interruptIdle() {
  return withLab({ prefix: "10.50.7.0/28", certificateCount: 4 }, async (lab) => {
    const live = (await lab.readTruth()).targets.size;
    const child = await Child.start([lab.prefix, "-c", "3600", "-o", "/run/cooldown"]);
    await until(
      async () => (await readRunLog("/run/cooldown").catch(() => undefined))?.hosts === live,
      "hosts",
    );
    child.kill("SIGINT");
    const cooldown = await readInterrupted("/run/cooldown", await child.finish());

    // A gateway that doesn't answer is asked for seconds.
    await runTool(["ip", "route", "add", "10.60.0.0/24", "via", "10.99.0.9", "dev", lab.interface, "onlink"]);
    const early: Finished[] = [];
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      const asking = await Child.start(["10.60.0.0/24", "-o", "/run/early"]);
      await until(() => exists("/run/early/000001.ndjson"), "the run's folder");
      asking.kill(signal);
      early.push(await asking.finish());
    }
    return { cooldown, early, live, isEarlyLeft: await exists("/run/early") };
  });
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

Deno.test("Ctrl-C ends a scan that only waits for answers, or hasn't started", async () => {
  const { cooldown, early, live, isEarlyLeft } = await runInLab<Awaited<ReturnType<typeof interruptIdle>>>({
    module: import.meta.url,
    name: "interruptIdle",
  });
  assert.equal(cooldown.finished.code, 130);
  assert.equal(cooldown.log.end?.reason, "interrupted");
  assert.equal(cooldown.log.end.counters.sent, 16);
  assert.equal(cooldown.log.captures, live);
  const interrupted = { code: 130, stdout: "", stderr: "margay: Interrupted before the first probe\n" };
  assert.deepEqual(early, [interrupted, interrupted]);
  assert.equal(isEarlyLeft, false);
});
