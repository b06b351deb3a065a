/**
 * Claim: a scan at full speed loses little to the graph that is built beside it.
 *
 * Peer: the same scan with `--no-graph`.
 *
 * Method: the simulated Internet, with hosts that all serve TLS 1.2 at no distance and share 512 chains, is captured as
 * fast as this machine does it, with and without a graph in turn. A sample is certificates a second from the first
 * capture to the last; the builder takes what the scanner and the responder leave of the CPUs. Beside it stands how
 * long the scan waited at its end for the rest of the graph.
 *
 * @module
 */
import { rm } from "node:fs/promises";
import { readLog } from "../src/observe/mod.ts";
import { margayFromSource } from "../test/lab/margay.ts";
import { runInLab, withSimulation } from "../test/lab/mod.ts";
import { runTool } from "../test/lab/tools.ts";
import type { Bench, Measurement } from "./bench.ts";
import { interleave, medianOf } from "./interleave.ts";
import { simulatedWorld } from "./simulated_world.ts";

export const graphBeside: Bench = {
  name: "graph_beside",
  sentence:
    "Certificates captured by a scan with its graph built beside it, beside the same scan with --no-graph.",
  unit: "certificates/s",
  programs: [],
  rounds: 5,
  run: (rounds) =>
    runInLab<Measurement>({ module: import.meta.url, name: "measureBeside", argument: rounds }),
};

const prefix = "10.62.0.0/16";
const addressCount = 2 ** 16;
const folder = "/run/beside";

interface Sample {
  readonly perSecond: number;
  /** From the end of the scan to that of its process. */
  readonly waitSeconds: number;
}

/** Runs inside the lab's namespaces. */
export function measureBeside(rounds: number): Promise<Measurement> {
  return withSimulation({ world: { text: simulatedWorld(prefix) } }, async () => {
    const samples = await interleave(rounds, {
      ours: () => scan([]),
      peer: () => scan(["--no-graph"]),
    });
    return {
      ours: medianOf(samples.ours, "perSecond"),
      peer: medianOf(samples.peer, "perSecond"),
      extra: { wait_seconds: medianOf(samples.ours, "waitSeconds") },
    };
  });
}

async function scan(options: readonly string[]): Promise<Sample> {
  await runTool([
    ...[...margayFromSource(), "scan", prefix, "--rate", "100000", "--cooldown", "1", "--retries", "2"],
    ...["--quiet", "--output", folder, ...options],
  ]);
  const endedAt = Date.now();
  let [first, last, end] = [Infinity, 0, 0];
  let captured = 0;
  for await (const record of readLog(folder)) {
    const time = Date.parse(record.time);
    if (record.type === "end") end = time;
    if (record.type !== "tls" || record.outcome !== "captured") continue;
    captured++;
    first = Math.min(first, time);
    last = Math.max(last, time);
  }
  await rm(folder, { recursive: true });
  if (captured < 0.99 * addressCount) {
    throw new Error(`Cannot measure a scan: ${captured} of ${addressCount} certificates captured`);
  }
  return { perSecond: captured * 1000 / (last - first), waitSeconds: (endedAt - end) / 1000 };
}
