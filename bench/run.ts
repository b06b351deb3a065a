/**
 * `deno task bench NAME [ROUNDS]` runs one bench, which ends with one line of JSON. `deno task bench` runs all of them,
 * `deno task bench --record NAME...` some, and each that succeeds gets its row of `bench/RESULTS.md` anew.
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
import { recordResult, resultsPath } from "./results_file.ts";
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
  const [first, ...names] = args;
  const isRecorded = first === undefined || first === "--record";
  const chosen = benches.filter(({ name }) => first === undefined || names.includes(name));
  if (isRecorded && chosen.length > 0 && names.every((name) => chosen.some((bench) => bench.name === name))) {
    return await attempt(() => runRecorded(chosen));
  }
  const [rounds, ...rest] = names;
  const bench = benches.find(({ name }) => name === first);
  if (bench === undefined || rest.length > 0 || !/^[1-9]\d{0,3}$/.test(rounds ?? "1")) {
    const known = benches.map(({ name }) => name).join(", ");
    const usage = `use NAME [ROUNDS] or --record NAME..., NAME being one of ${known}`;
    await print(Deno.stderr, `Cannot bench ${args.join(" ")}: ${usage}`);
    return 2;
  }
  return await attempt(() => runOne(bench, rounds === undefined ? bench.rounds : Number(rounds)));
}

async function attempt(work: () => Promise<void>): Promise<number> {
  try {
    await work();
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
async function runRecorded(chosen: readonly Bench[]): Promise<void> {
  // Before minutes have gone by.
  for (const bench of chosen) requirePrograms(bench.name, bench.programs);
  const failed: string[] = [];
  for (const bench of chosen) {
    const command = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", fileURLToPath(import.meta.url), bench.name],
      stderr: "inherit",
    });
    const { success, stdout } = await command.output();
    if (!success) {
      failed.push(bench.name);
      continue;
    }
    const line = new TextDecoder().decode(stdout).trimEnd().split("\n").at(-1)!;
    await print(Deno.stdout, line);
    await recordResult(bench, JSON.parse(line) as Result, benches.map(({ name }) => name));
  }
  if (failed.length > 0) throw new Error(`Cannot refresh all of ${resultsPath}: ${failed.join(", ")} failed`);
}

async function print(stream: { write(bytes: Uint8Array): Promise<number> }, line: string): Promise<void> {
  await stream.write(new TextEncoder().encode(`${line}\n`));
}

if (import.meta.main) Deno.exit(await main(Deno.args));
