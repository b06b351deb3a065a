/**
 * `deno task bench NAME [ROUNDS]` runs one bench, which ends with one line of JSON. `deno task bench` runs all of them
 * and, when all succeed, refreshes `bench/RESULTS.md`.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { type Bench, type Result, resultOf } from "./bench.ts";
import { capture } from "./capture.ts";
import { devices } from "./devices.ts";
import { discovery } from "./discovery.ts";
import { graph } from "./graph.ts";
import { graphBeside } from "./graph_beside.ts";
import { log } from "./log.ts";
import { pipeline } from "./pipeline.ts";
import { requirePrograms } from "./programs.ts";
import { responderSyn } from "./responder_syn.ts";
import { responderTls } from "./responder_tls.ts";
import { resultsPath, writeResults } from "./results_file.ts";
import { scale } from "./scale.ts";
import { sendCost } from "./send_cost.ts";
import { sendRate } from "./send_rate.ts";
import { startup } from "./startup.ts";
import { x509Node } from "./x509_node.ts";
import { x509Pkijs } from "./x509_pkijs.ts";

const benches: readonly Bench[] = [
  pipeline,
  capture,
  sendRate,
  sendCost,
  discovery,
  devices,
  startup,
  scale,
  responderSyn,
  responderTls,
  x509Pkijs,
  x509Node,
  log,
  graph,
  graphBeside,
];

/** The exit code. */
async function main(args: readonly string[]): Promise<number> {
  const [name, rounds, ...rest] = args;
  const bench = benches.find((candidate) => candidate.name === name);
  const roundCount = rounds === undefined ? bench?.rounds : Number(rounds);
  const isUsage = rest.length === 0 && (rounds === undefined || /^[1-9]\d{0,3}$/.test(rounds));
  if (!isUsage || (name !== undefined && bench === undefined)) {
    const names = benches.map((candidate) => candidate.name).join(", ");
    await print(Deno.stderr, `Cannot bench ${args.join(" ")}: use NAME [ROUNDS], NAME being one of ${names}`);
    return 2;
  }
  try {
    if (bench === undefined) await runAll();
    else await runOne(bench, roundCount!);
    return 0;
  } catch (error) {
    await print(Deno.stderr, error instanceof Error ? error.message : String(error));
    return 1;
  }
}

async function runOne(bench: Bench, rounds: number): Promise<void> {
  requirePrograms(bench.name, bench.programs);
  await print(Deno.stdout, JSON.stringify(resultOf(bench, await bench.run(rounds))));
}

/** Each in a process of its own, so that none runs in the memory and the compiled code that another left. */
async function runAll(): Promise<void> {
  // Before minutes have gone by.
  for (const bench of benches) requirePrograms(bench.name, bench.programs);
  const results: [Bench, Result][] = [];
  for (const bench of benches) {
    const command = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", fileURLToPath(import.meta.url), bench.name],
      stderr: "inherit",
    });
    const { success, stdout } = await command.output();
    if (!success) throw new Error(`Cannot refresh ${resultsPath}: ${bench.name} failed; it stays as it is`);
    const line = new TextDecoder().decode(stdout).trimEnd().split("\n").at(-1)!;
    await print(Deno.stdout, line);
    results.push([bench, JSON.parse(line) as Result]);
  }
  await writeResults(results);
}

async function print(stream: { write(bytes: Uint8Array): Promise<number> }, line: string): Promise<void> {
  await stream.write(new TextEncoder().encode(`${line}\n`));
}

if (import.meta.main) Deno.exit(await main(Deno.args));
