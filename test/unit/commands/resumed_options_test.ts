import assert from "node:assert/strict";
import { parseCommandLine } from "../../../src/commands/command_line.ts";
import { recordedOptions } from "../../../src/commands/recorded_options.ts";
import { resumedOptions } from "../../../src/commands/resumed_options.ts";
import type { JsonValue, RunObservation } from "../../../src/observe/mod.ts";
import type { ScanOptions } from "../../../src/scan/options.ts";

/** Splits at spaces: no argument of these tests holds one. */
function parse(commandLine: string) {
  return parseCommandLine(commandLine.split(" "));
}

function optionsOf(commandLine: string): ScanOptions {
  const invocation = parse(commandLine);
  assert.ok(invocation.kind === "scan", Deno.inspect(invocation));
  return invocation.options;
}

/** What a run that was asked for so writes first, read back. */
function runOf(options: ScanOptions, seed = 42): RunObservation {
  const config = JSON.parse(JSON.stringify(recordedOptions({ ...options, output: "run" })));
  return { type: "run", config, seed } as unknown as RunObservation;
}

function resume(run: RunObservation, given = ""): ScanOptions {
  const invocation = parse(`scan --resume run ${given}`.trimEnd());
  assert.ok(invocation.kind === "resume", Deno.inspect(invocation));
  return resumedOptions(invocation.folder, run, invocation.given);
}

const COMMAND_LINES = [
  "scan 192.0.2.0/24",
  "scan 192.0.2.1,example.org @more - -w allowed -b one -b two --include-special -p 80,443-445 -n 0.1% -N 10 " +
  "--asn-db as.csv -4 --sample 25% --shard 3/3 --retries 2 -e 42",
  "scan 2001:db8::/64 -6 -n 10K --sample 1.1% --seed 42",
  "scan x --tls legacy --sni example.org --starttls smtp --capture-timeout 2.5 --capture-bytes 64K --verify " +
  "--roots ca.pem --session --jarm --enumerate".replace(" --jarm", ""),
  "scan x --session --http /a?b",
  "scan x --sni none --jarm -r 2M --yes-fast -B 20M -t 0.5 -c auto --link-timeout 1.5",
  "scan x --transport kernel --concurrency 7",
  "scan x --transport wire -i eth0 -S 192.0.2.1,192.0.2.8/29 -s 40000-40009 -G 02:00:00:00:00:01 --vlan 7",
  "scan x --syn-options bsd --ttl 32 --readers 2 --receive-memory 2M --segment-size 1M --gzip",
];

for (const commandLine of COMMAND_LINES) {
  Deno.test(`what was asked for comes back: margay ${commandLine}`, () => {
    const options = optionsOf(commandLine);
    const { output: _, seed, ...rest } = resume(runOf(options));
    const { output: __, seed: ___, ...asked } = options;
    assert.deepEqual(rest, asked);
    assert.equal(seed, 42, "chance was asked for, and this is what it came to");
    // All of it may be said again.
    const again = commandLine.replace("scan ", "");
    const { output: ____, seed: _____, ...repeated } = resume(runOf(options), again);
    assert.deepEqual(repeated, asked);
  });
}

Deno.test("how fast and through what may differ, and each process is told how loud to be", () => {
  const options = resume(runOf(optionsOf("scan x -r 500 -c 3 -t 60 -q")), "-r 2000 -i eth1 --readers 4 -v 5");
  const { rate, cooldownSeconds, maxRuntimeSeconds, interfaceName, readers } = options;
  assert.deepEqual([rate, cooldownSeconds, maxRuntimeSeconds, interfaceName, readers], [
    2000,
    3,
    60,
    "eth1",
    4,
  ]);
  assert.deepEqual([options.quiet, options.verbosity], [false, 5]);
});

const DIFFERENCES: readonly (readonly [asked: string, given: string, message: string])[] = [
  ["scan x -p 443,8443", "-p 443", "--ports 443 was 443,8443"],
  ["scan x y", "x", "the targets x were x y"],
  ["scan x", "--jarm", "--jarm was not given"],
  [
    "scan x",
    "-n 5 --sni a.example -4",
    "--ipv4 was not given, --max-targets 5 was not given, --sni a.example was given",
  ],
  ["scan x -6", "-4", "--ipv4 was --ipv6"],
  ["scan x -b a", "-b a -b c", "--blocklist a --blocklist c was a"],
  ["scan x", "--seed 7", "--seed 7 was 42"],
  ["scan x --retries 1", "--retries 0", "--retries 0 was 1"],
  ["scan x --sample 0.1%", "--sample 1%", "--sample 1% was 0.1%"],
  ["scan x", "--format zgrab2", "--format zgrab2 was log"],
];

for (const [asked, given, message] of DIFFERENCES) {
  Deno.test(`what is asked may not: ${given} of margay ${asked}`, () => {
    assert.throws(() => resume(runOf(optionsOf(asked)), given), {
      name: "UsageError",
      message: `Cannot resume run: ${message}; leave that out, or start another scan`,
    });
  });
}

Deno.test("together it must make sense", () => {
  assert.throws(() => resume(runOf(optionsOf("scan x -i eth0")), "--transport kernel"), {
    name: "UsageError",
    message: /^Cannot use --interface with --transport kernel: /,
  });
});

Deno.test("a record that no run writes is refused", () => {
  const run = runOf(optionsOf("scan x"));
  const cases: [Record<string, JsonValue>, RegExp][] = [
    [{ ports: 443 }, /: ports is not what a run writes$/],
    [{ ports: [{ first: 70_000, last: 70_000 }] }, /: Cannot parse ports "70000": /],
    [{ shard: null }, /: shard is not what a run writes$/],
    [{ rate: "fast" }, /: Cannot use --rate fast: /],
    [{ tls: { deep: true } }, /: Cannot use --tls \[object Object\]: /],
    [{ asn_database: "as.csv" }, /: asn_database is no option of this margay$/],
    [{ interface_name: "a\u001bb/c" }, /: Cannot use --interface a\\u\{1b\}b\/c: /],
    [{ seed: -1 }, /: Cannot use --seed -1: /],
  ];
  for (const [fields, message] of cases) {
    const { seed = run.seed, ...config } = fields;
    const damaged = { ...run, seed: seed as number, config: { ...run.config, ...config } };
    assert.throws(() => resume(damaged), { message });
  }
});

Deno.test("--resume stands alone where it says everything", () => {
  const refused = (commandLine: string) => {
    const invocation = parse(commandLine);
    assert.ok(invocation.kind === "refuse");
    return invocation.message;
  };
  assert.match(
    refused("scan --resume run -o other"),
    /^Cannot use --output with --resume: .*; leave one out$/,
  );
  assert.match(refused("scan --resume run --dry-run"), /^Cannot use --dry-run with --resume: /);
  assert.match(
    refused("scan --resume -"),
    /^Cannot resume -: what goes to standard output is kept nowhere; /,
  );
});
