import assert from "node:assert/strict";
import { withAnyIp } from "../lab/any_ip.ts";
import { runInLab, withSimulation } from "../lab/mod.ts";
import { addressesOf, type KnownPrefix, worldText } from "../lab/verdicts.ts";
import { until } from "./child.ts";
import { compareVerdicts, NO_DISCREPANCY, readMetadata, Sweep, sweep, VERDICT_ROWS } from "./sweep_lab.ts";

const OPEN_WORLD = { prefix: "10.47.0.0/22", port: 443 };
const TARGET_COUNT = 1024;
const ROWS = ["--format", "csv", "--fields", "address,port"];

function inLab<Result>(name: string): Promise<Result> {
  return runInLab<Result>({ module: import.meta.url, name });
}

/** Runs inside: three machines that know nothing of each other, and what only one of them would do. */
export function sweepShards() {
  return withAnyIp(OPEN_WORLD, async ({ prefix }) => {
    const parts = [];
    for (const shard of ["1/3", "2/3", "3/3"]) {
      parts.push(await sweep([prefix, "-p", "443", "--seed", "7", "--shard", shard, ...ROWS]));
    }
    const other = await sweep([prefix, "-p", "443", "--seed", "8", "--shard", "1/3", ...ROWS]);
    return { parts, other };
  });
}

Deno.test("sweep: the shards 1/3, 2/3 and 3/3 are the whole, and nothing twice", async () => {
  const { parts, other } = await inLab<Awaited<ReturnType<typeof sweepShards>>>("sweepShards");
  for (const { code, stderr, rows } of parts) {
    assert.equal(code, 0, stderr);
    assert.ok(Math.abs(rows.length - TARGET_COUNT / 3) < 20, `${rows.length} targets in a third`);
  }
  const whole = [...addressesOf(OPEN_WORLD.prefix)].map((address) => `${address},443`).sort();
  assert.deepEqual(parts.flatMap(({ rows }) => rows).sort(), whole);
  assert.notDeepEqual(other.rows.toSorted(), parts[0]!.rows.toSorted(), "another seed, other parts");
});

const LOSSY_PREFIX = "10.48.0.0/24";

/** Runs inside: of a hundred packets ten are lost, each way. */
export function sweepWithLoss() {
  const world: KnownPrefix = { prefix: LOSSY_PREFIX, rest: "filtered", lines: ["port 443 open", "loss 10%"] };
  return withSimulation({ world: { text: worldText([world]) } }, async () => {
    const asked = [LOSSY_PREFIX, "-p", "443", "-c", "0.3", "-r", "5000"];
    const once = await sweep([...asked, ...VERDICT_ROWS]);
    const patient = await sweep([...asked, "--retries", "10", "--retry-rate", "2000", ...VERDICT_ROWS]);
    const open = new Map(
      [...addressesOf(LOSSY_PREFIX)].map((address) => [`${address},443`, "open"] as const),
    );
    return { once, patient, discrepancy: compareVerdicts(patient.rows, open) };
  });
}

Deno.test("sweep: --retries turns silence into what is there, and tells each target once", async () => {
  const { once, patient, discrepancy } = await inLab<Awaited<ReturnType<typeof sweepWithLoss>>>(
    "sweepWithLoss",
  );
  assert.equal(once.code, 0, once.stderr);
  assert.equal(once.rows.length, 256);
  const silent = once.rows.filter((row) => row.endsWith(",filtered")).length;
  assert.ok(silent > 15 && silent < 110, `${silent} of 256 silent, where a fifth is lost`);
  assert.equal(patient.code, 0, patient.stderr);
  assert.deepEqual(discrepancy, NO_DISCREPANCY);
});

/** Runs inside. */
export function interrupt() {
  return withAnyIp(OPEN_WORLD, async ({ prefix }) => {
    const metadata = "/run/interrupted.meta.json";
    const output = "/run/interrupted.csv";
    const running = new Sweep([prefix, "-r", "200", ...ROWS, "-o", output, "--metadata", metadata]);
    await until(
      async () => (await Deno.readTextFile(output).catch(() => "")).split("\n").length > 50,
      "fifty results in the file",
    );
    running.kill("SIGINT");
    const finished = await running.finish();
    const [, ...rows] = (await Deno.readTextFile(output)).split("\n");
    return { finished, rows, metadata: await readMetadata(metadata) };
  });
}

Deno.test("sweep: Ctrl-C keeps every result, and says where to go on", async () => {
  const { finished, rows, metadata } = await inLab<Awaited<ReturnType<typeof interrupt>>>("interrupt");
  assert.equal(finished.code, 130, finished.stderr);
  assert.equal(rows.pop(), "", "the last line is whole");
  for (const row of rows) assert.match(row, /^10\.47\.\d+\.\d+,443$/);
  assert.ok(rows.length >= 50 && rows.length < TARGET_COUNT, `${rows.length} results`);
  assert.equal(metadata.outcome, "interrupted");
  assert.equal(metadata.counters.open, rows.length);
  assert.ok(Number(metadata.cursor) > 0);
});

/** Runs inside: sweeps that have had enough. */
export function stopEarly() {
  return withAnyIp(OPEN_WORLD, async ({ prefix }) => {
    const slow = [prefix, "-r", "500", ...ROWS];
    return {
      results: await sweep([...slow, "-N", "5", "-c", "0.3"]),
      targets: await sweep([...slow, "-n", "40", "-c", "0.3"]),
      sample: await sweep([prefix, "--sample", "25%", "--seed", "3", ...ROWS]),
      runtime: await sweep([...slow, "-t", "0.5", "-c", "0.3"]),
      rich: await sweep([prefix, "-p", "443", "--min-hitrate", "50%", ...ROWS]),
      poor: await sweep([
        "10.47.0.0/22",
        "-p",
        "443,444,445,446",
        "--min-hitrate",
        "50%",
        "-r",
        "1000",
        ...ROWS,
      ]),
    };
  });
}

Deno.test("sweep: -N, -n, --sample, -t and --min-hitrate end it", async () => {
  const seen = await inLab<Awaited<ReturnType<typeof stopEarly>>>("stopEarly");
  for (const { code, stderr } of [seen.results, seen.targets, seen.sample, seen.runtime, seen.rich]) {
    assert.equal(code, 0, stderr);
  }
  assert.equal(seen.results.rows.length, 5);
  assert.equal(seen.targets.rows.length, 40);
  assert.equal(seen.sample.rows.length, TARGET_COUNT / 4);
  assert.equal(new Set(seen.sample.rows).size, TARGET_COUNT / 4);
  // At 500 a second all of it would take two.
  const { length } = seen.runtime.rows;
  assert.ok(length > 100 && length < 600, `${length} results in half a second`);
  assert.equal(seen.rich.rows.length, TARGET_COUNT);
  assert.equal(seen.poor.code, 1, seen.poor.stderr);
  assert.ok(seen.poor.rows.length < TARGET_COUNT, "a quarter of the ports is open, and half was asked for");
  assert.match(seen.poor.stderr, /^margay: stopped by --min-hitrate after /m);
});
