/**
 * Claim: a sweep says of each of 21,000 devices what its port is, open, closed, unreachable or silent, in less time
 * than the published system that such networks are swept with.
 *
 * Peer: ServiceRadar's sweeper, which was published with 0.93 s for 21,000 devices on 32 cores (it counts the sweep
 * alone; what is measured here counts a process from its start to its exit).
 *
 * Method: a simulated world of four prefixes, in each of which a host is either open, as the world's truth says, or
 * what the prefix says of the others: closed, silent, unreachable. Every verdict is compared with that; one that is
 * wrong fails the bench. `ten_ports_seconds` is the same for ten ports, 210,000 targets.
 *
 * @module
 */
import { readFile, rm } from "node:fs/promises";
import { margayFromSource } from "../test/lab/margay.ts";
import { runInLab, withSimulation } from "../test/lab/mod.ts";
import { type KnownPrefix, readVerdicts, worldText } from "../test/lab/verdicts.ts";
import type { Bench, Measurement } from "./bench.ts";
import { interleave, medianOf } from "./interleave.ts";
import { measureProcess, type ProcessCost } from "./process_cost.ts";

export const devices: Bench = {
  name: "devices",
  sentence:
    "A verdict on each of 21,000 devices, from process to process, beside 0.93 s published for 32 cores.",
  unit: "sweeps/s",
  programs: [],
  rounds: 5,
  run: (rounds) =>
    runInLab<Measurement>({ module: import.meta.url, name: "measureDevices", argument: rounds }),
};

const publishedSeconds = 0.93;
const deviceCount = 21_000;
/** What the responder, which shares the machine, can take for more than a moment. */
const probesPerSecond = 150_000;
const outputFile = "/run/devices.csv";
const onePort = "443";
const tenPorts = "22,25,53,80,443,3389,5900,8000,8080,8443";

/** Together 21,000 addresses. */
const prefixes: readonly KnownPrefix[] = [
  { prefix: "10.32.0.0/18", rest: "closed", lines: [`port ${tenPorts} open 50% closed`] },
  { prefix: "10.32.64.0/20", rest: "filtered", lines: [`port ${tenPorts} open 40% silent`] },
  { prefix: "10.32.80.0/23", rest: "unreachable", lines: [`port ${tenPorts} open 30% unreachable`] },
  {
    prefix: "10.32.82.0/29",
    rest: "unreachable",
    lines: ["hosts 50%", "absent unreachable", `port ${tenPorts} open`],
  },
];

/** Runs inside the lab's namespaces. */
export function measureDevices(rounds: number): Promise<Measurement> {
  return withSimulation({ world: { text: worldText(prefixes) } }, async (internet) => {
    const truth = await readVerdicts(internet, prefixes, tenPorts.split(",").map(Number));
    const samples = await interleave(rounds, {
      onePort: () => measure(onePort, truth),
      tenPorts: () => measure(tenPorts, truth),
    });
    const seconds = medianOf(samples.onePort, "seconds");
    return {
      ours: 1 / seconds,
      peer: 1 / publishedSeconds,
      extra: {
        ours_seconds: seconds,
        peer_seconds: publishedSeconds,
        ten_ports_seconds: medianOf(samples.tenPorts, "seconds"),
        ours_cpu_seconds: medianOf(samples.onePort, "cpuSeconds"),
        ten_ports_cpu_seconds: medianOf(samples.tenPorts, "cpuSeconds"),
        mebibytes: medianOf(samples.onePort, "residentBytesMax") / 2 ** 20,
      },
    };
  });
}

/** @throws {Error} when a verdict is wrong or missing. */
async function measure(ports: string, truth: ReadonlyMap<string, string>): Promise<ProcessCost> {
  const cost = await measureProcess([
    ...[...margayFromSource(), "sweep", ...prefixes.map(({ prefix }) => prefix), "--ports", ports],
    ...["--rate", `${probesPerSecond}`, "--all", "--quiet"],
    ...["--format", "csv", "--fields", "address,port,verdict", "--output", outputFile],
  ]);
  const [, ...rows] = (await readFile(outputFile, "utf8")).trimEnd().split("\n");
  await rm(outputFile);
  const found = new Map(rows.map((row) => {
    const end = row.lastIndexOf(",");
    return [row.slice(0, end), row.slice(end + 1)] as const;
  }));
  const targetCount = deviceCount * ports.split(",").length;
  const right = [...found].filter(([target, verdict]) => truth.get(target) === verdict).length;
  if (right === targetCount && rows.length === targetCount) return cost;
  throw new Error(
    `Cannot measure devices: of ${targetCount} verdicts on ports ${ports} ${right} are right; ` +
      `there are ${rows.length}`,
  );
}
