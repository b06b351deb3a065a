import assert from "node:assert/strict";
import { type Lab, runInLab, withLab } from "../lab/mod.ts";
import { readRunLog } from "../lab/run_log.ts";
import { runTool } from "../lab/tools.ts";
import { type Finished, scan } from "./child.ts";

/** A MAC address on the cable that is nobody's: frames to it are seen, and answered by no one. */
const NOBODY = "02:00:00:00:00:99";

interface Sent extends Finished {
  /** Frames on the wire, counted there. */
  readonly frames: number;
}

async function scanCounted(lab: Lab, args: readonly string[]): Promise<Sent> {
  const wiretap = await lab.startWiretap();
  const finished = await scan(args);
  const { framesSent, drops } = await wiretap.stop();
  assert.equal(drops, 0);
  return { ...finished, frames: framesSent };
}

/** Runs inside: how many frames leave with each limit, when nobody answers. */
export function limit() {
  return withLab({ prefix: "10.50.7.0/24", certificateCount: 4 }, async (lab) => {
    const send = (...args: string[]) =>
      scanCounted(lab, [lab.prefix, "-G", NOBODY, "-c", "0.3", "-q", "-o", "-", ...args]);
    const limited = {
      all: await send(),
      count: await send("-n", "100"),
      share: await send("-n", "10%"),
      retries: await send("-n", "100", "--retries", "2"),
      runtime: await send("-r", "50", "-t", "0.5"),
      dry: await scanCounted(lab, [lab.prefix, "--dry-run"]),
    };
    const results = await scan([lab.prefix, "-r", "100", "-N", "5", "-c", "0.3", "-o", "/run/results"]);
    const { hosts, captures, end } = await readRunLog("/run/results");
    return { limited, results, hosts, captures: captures.length, end };
  });
}

Deno.test("-n, --retries, -t and -N: the wire shows as many probes as they allow", async () => {
  const { limited, results, hosts, captures, end } = await runInLab<Awaited<ReturnType<typeof limit>>>({
    module: import.meta.url,
    name: "limit",
  });
  for (const { code, stderr } of Object.values(limited)) {
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  }
  assert.equal(limited.all.frames, 256);
  assert.equal(limited.count.frames, 100);
  assert.equal(limited.share.frames, 26);
  assert.equal(limited.retries.frames, 300);
  // 256 probes would take five seconds.
  assert.ok(limited.runtime.frames > 0 && limited.runtime.frames < 256, `${limited.runtime.frames}`);
  assert.equal(limited.dry.frames, 0);

  assert.equal(results.code, 0);
  assert.doesNotMatch(results.stderr, /filtered/, "who would have kept silent isn't known");
  assert.deepEqual({ hosts, captures, verified: end?.counters.verified }, {
    hosts: 5,
    captures: 5,
    verified: 5,
  });
  assert.ok(end!.counters.sent! < 256);
});

/** Runs inside: the order in which margay says it would send, and the one in which it does. */
export function order() {
  return withLab({ prefix: "10.50.7.0/24", certificateCount: 4 }, async (lab) => {
    const dry = async (...args: string[]) => {
      const { code, stdout, stderr } = await scan([lab.prefix, "--dry-run", ...args]);
      assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
      return stdout.trimEnd().split("\n");
    };
    const first = await dry("--seed", "7");
    const again = await dry("--seed", "7", "-q");
    const part = await dry("--seed", "7", "-n", "40");
    const other = await dry("--seed", "8");

    // Slowly enough that answers come in the order of the probes.
    await scan([lab.prefix, "--seed", "7", "-n", "40", "-r", "50", "-c", "0.5", "-o", "/run/order", "-q"]);
    const { captures } = await readRunLog("/run/order");
    const live = (await lab.readTruth()).targets;
    return {
      first,
      again,
      part,
      other,
      expected: part.filter((target) => live.has(target)),
      captured: captures.map(({ address, port }) => `${address}:${port}`),
    };
  });
}

Deno.test("--dry-run prints the targets in sending order", async () => {
  const { first, again, part, other, expected, captured } = await runInLab<Awaited<ReturnType<typeof order>>>(
    {
      module: import.meta.url,
      name: "order",
    },
  );
  const all = Array.from({ length: 256 }, (_, index) => `10.50.7.${index}:443`).sort();
  assert.deepEqual(first.toSorted(), all);
  assert.notDeepEqual(first, all);
  assert.deepEqual(again, first);
  assert.deepEqual(part, first.slice(0, 40));
  assert.deepEqual(other.toSorted(), all);
  assert.notDeepEqual(other, first);
  assert.ok(expected.length > 5);
  assert.deepEqual(captured, expected);
});

/** Runs inside, in a world that is the whole Internet as far as routes go: what is left out, and said of it. */
export function leaveOut() {
  return withLab({ prefix: "10.50.7.0/24", certificateCount: 4 }, async (lab) => {
    await runTool(["ip", "route", "add", "default", "via", lab.gateway]);
    await Deno.writeTextFile("/run/everything", "0.0.0.0/0\n");
    const dry = (...args: string[]) => scan(["--dry-run", "-n", "20000", "--seed", "1", ...args]);
    return {
      everything: await dry("0.0.0.0/0"),
      allowlist: await dry("-w", "/run/everything"),
      special: await dry("0.0.0.0/0", "--include-special"),
      named: await scan(["10.50.7.0/28", "198.51.100.7", "-o", "-", "-c", "0.3"]),
      unnamed: await scan(["10.50.7.0/28", "0.0.0.0/0", "-n", "20", "-o", "-", "-c", "0.3"]),
      lonely: await scan(["9.0.0.0-10.0.255.255", "--dry-run", "-n", "1"]),
    };
  });
}

/** Whether an address lies in one of the larger special-purpose blocks. */
function isSpecial(address: string): boolean {
  const [a, b] = address.split(".").map(Number) as [number, number];
  return a === 0 || a === 10 || a === 127 || a >= 224 || a === 100 && b >= 64 && b < 128 ||
    a === 169 && b === 254 || a === 172 && b >= 16 && b < 32 || a === 192 && b === 168;
}

Deno.test("special-purpose addresses are scanned when they are named, and never by 0.0.0.0/0", async () => {
  const seen = await runInLab<Awaited<ReturnType<typeof leaveOut>>>({
    module: import.meta.url,
    name: "leaveOut",
  });
  for (const { code, stdout, stderr } of [seen.everything, seen.allowlist]) {
    assert.equal(code, 0, stderr);
    const targets = stdout.trimEnd().split("\n");
    assert.equal(targets.length, 20_000);
    assert.deepEqual(targets.filter(isSpecial), []);
  }
  assert.ok(seen.special.stdout.split("\n").filter(isSpecial).length > 1_000);

  assert.equal(seen.named.code, 0, seen.named.stderr);
  assert.match(
    seen.named.stderr,
    /note +10\.50\.7\.0\/28 is special-purpose, Private-Use 10\.0\.0\.0\/8 \(RFC 1918\), and was scanned because it was named\n +198\.51\.100\.7 is special-purpose, Documentation \(TEST-NET-2\) 198\.51\.100\.0\/24 \(RFC 5737\), and was/,
  );
  assert.match(
    seen.unnamed.stderr,
    / 16,777,200 by special purpose: Private-Use 10\.0\.0\.0\/8 \(RFC 1918\)\n/,
  );
  assert.match(
    seen.unnamed.stderr,
    / 16,777,216 by special purpose: Loopback 127\.0\.0\.0\/8 \(RFC 1122\)\n/,
  );
  assert.match(
    seen.unnamed.stderr,
    /special-purpose blocks as the IANA registries list them on 20\d\d-\d\d-\d\d\n/,
  );
  assert.match(seen.lonely.stdout, /^9\.\d+\.\d+\.\d+:443\n$/);
});
