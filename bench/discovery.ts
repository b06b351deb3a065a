/**
 * Claim: a sweep finds every host of a /12 that answers, all 1,048,576, in less time than ZMap needs, which is not
 * asked to find all of them.
 *
 * Peer: ZMap with one sender thread at an unlimited rate. It is told to wait for late answers for a second in place of
 * the eight that are its default; margay is told nothing and decides by the round trips that it saw.
 *
 * Method: each is a process from its start to its exit, with a CSV in a file whose addresses are counted. There are two
 * worlds, behind the same cable:
 *
 * - The kernel answers for the whole prefix (AnyIP). A frame on a veth is received by the CPU that sends it, so the
 *   world has no CPU but the scanner's. `ratio` is that of `--no-reset`; `resets_ratio` is that of a sweep which resets
 *   what it opened, as ZMap's kernel does.
 * - The simulated Internet (`responder`), a process of its own, with resets. It and ZMap's readers miss frames when
 *   they come faster than they can take them. margay sends at most `simulatedRate` and asks those that were silent
 *   again until it has all of them; ZMap can't ask again, and what it doesn't find is `simulated_peer_lost`. So
 *   `simulated_ratio` compares hosts found in a second.
 *
 * @module
 */
import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import { type AnyIpWorld, withAnyIp } from "../test/lab/any_ip.ts";
import { margayFromSource } from "../test/lab/margay.ts";
import { runInLab, withSimulation } from "../test/lab/mod.ts";
import type { Bench, Measurement } from "./bench.ts";
import { interleave, medianOf } from "./interleave.ts";
import { measureProcess, type ProcessCost } from "./process_cost.ts";

export const discovery: Bench = {
  name: "discovery",
  sentence:
    "Hosts of a /12 that all answer, by `margay sweep --no-reset`, beside ZMap with one sender thread.",
  unit: "targets/s",
  programs: ["zmap"],
  rounds: 3,
  run: (rounds) =>
    runInLab<Measurement>({ module: import.meta.url, name: "measureDiscovery", argument: rounds }),
};

interface Sample extends ProcessCost {
  /** Targets, whether found or not. */
  readonly perSecond: number;
  readonly foundPerSecond: number;
  /** Hosts that were not found. */
  readonly lost: number;
}

/** The way into a world, whichever it is. */
type WayIn = Pick<AnyIpWorld, "interface" | "sourceAddress" | "gatewayHardwareAddress">;

const prefix = "10.32.0.0/12";
const hostCount = 2 ** 20;
const port = 443;
const outputFile = "/run/hosts.csv";
/** No more than the interface takes. */
const unlimited = ["--rate", "1G", "--yes-fast"];
/** What the responder can take for more than a moment. */
const simulatedRate = "300K";
const simulatedWorld = `
certificates 1
connections 1024
prefix ${prefix}
port ${port} open
`;

/** Runs inside the lab's namespaces. */
export async function measureDiscovery(rounds: number): Promise<Measurement> {
  const kernel = await withAnyIp({ prefix, port }, (world) =>
    interleave(rounds, {
      withoutResets: () => measureComplete(sweep(...unlimited, "--no-reset")),
      withResets: () => measureComplete(sweep(...unlimited)),
      peer: () => measure(zmap(world)),
    }));
  const simulated = await withSimulation({ world: { text: simulatedWorld } }, (world) =>
    interleave(rounds, {
      ours: () => measureComplete(sweep("--rate", simulatedRate, "--retries", "5")),
      peer: () => measure(zmap(world)),
    }));
  const ours = medianOf(kernel.withoutResets, "perSecond");
  const peer = medianOf(kernel.peer, "perSecond");
  const withResets = medianOf(kernel.withResets, "perSecond");
  const simulatedOurs = medianOf(simulated.ours, "foundPerSecond");
  const simulatedPeer = medianOf(simulated.peer, "foundPerSecond");
  return {
    ours,
    peer,
    extra: {
      resets_ratio: withResets / peer,
      simulated_ratio: simulatedOurs / simulatedPeer,
      ours_seconds: medianOf(kernel.withoutResets, "seconds"),
      resets_seconds: medianOf(kernel.withResets, "seconds"),
      peer_seconds: medianOf(kernel.peer, "seconds"),
      ours_cpu_seconds: medianOf(kernel.withoutResets, "cpuSeconds"),
      resets_cpu_seconds: medianOf(kernel.withResets, "cpuSeconds"),
      peer_cpu_seconds: medianOf(kernel.peer, "cpuSeconds"),
      lost: 0,
      peer_lost: medianOf(kernel.peer, "lost"),
      simulated_ours: simulatedOurs,
      simulated_peer: simulatedPeer,
      simulated_peer_lost: medianOf(simulated.peer, "lost"),
    },
  };
}

/** @throws {Error} when a host was not found: then there is nothing to compare. */
async function measureComplete(command: readonly string[]): Promise<Sample> {
  const sample = await measure(command);
  if (sample.lost === 0) return sample;
  throw new Error(`Cannot measure discovery: ${command.join(" ")} lost ${sample.lost} of ${hostCount} hosts`);
}

async function measure(command: readonly string[]): Promise<Sample> {
  const cost = await measureProcess(command);
  const found = await countHosts(outputFile);
  await rm(outputFile);
  return {
    ...cost,
    perSecond: hostCount / cost.seconds,
    foundPerSecond: found / cost.seconds,
    lost: hostCount - found,
  };
}

/** How many different addresses of the prefix stand in a file, one on each line. */
async function countHosts(path: string): Promise<number> {
  const seen = new Uint8Array(hostCount);
  let found = 0;
  for await (const line of readLines(path)) {
    const octets = line.split(".").map(Number);
    if (octets.length !== 4 || octets[0] !== 10) continue;
    const index = ((octets[1]! - 32) * 256 + octets[2]!) * 256 + octets[3]!;
    if (seen[index] !== 0) continue;
    seen[index] = 1;
    found += 1;
  }
  return found;
}

async function* readLines(path: string): AsyncGenerator<string> {
  let rest = "";
  for await (const text of createReadStream(path, { encoding: "utf8" })) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}

function sweep(...options: readonly string[]): string[] {
  return [
    ...[...margayFromSource(), "sweep", prefix, "--ports", `${port}`, "--quiet"],
    ...["--format", "zmap-csv", "--fields", "saddr", "--output", outputFile, ...options],
  ];
}

function zmap({ interface: name, sourceAddress, gatewayHardwareAddress }: WayIn): string[] {
  return [
    ...["zmap", "--config=/dev/null", "--blacklist-file=/dev/null", "--quiet", "--verbosity=0"],
    ...["--sender-threads=1", "--rate=0", "--cooldown-time=1", `--target-port=${port}`],
    ...[`--interface=${name}`, `--source-ip=${sourceAddress}`, `--gateway-mac=${gatewayHardwareAddress}`],
    ...["--output-fields=saddr", `--output-file=${outputFile}`, prefix],
  ];
}
