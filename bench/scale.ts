/**
 * Claim: what a sweep costs grows with its targets and not faster: time by the target, memory hardly.
 *
 * Peer: ZMap with one sender thread, on the largest network.
 *
 * Method: both sweep networks of 4,096 to 16,777,216 addresses into an `ifb` interface that drops all, at an unlimited
 * rate and without waiting for answers that cannot come; each is a process from its start to its exit. The interface
 * must have counted a frame for each target at least (ZMap sends one or two more). `bench/scale.svg` shows all sizes.
 *
 * @module
 */
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { setKernelParameters } from "../test/lab/cable.ts";
import { margayFromSource } from "../test/lab/margay.ts";
import { runInLab } from "../test/lab/mod.ts";
import { runTool } from "../test/lab/tools.ts";
import type { Bench, Measurement } from "./bench.ts";
import { type BlackHole, openBlackHole } from "./black_hole.ts";
import { interleave, medianOf } from "./interleave.ts";
import { measureProcess, type ProcessCost } from "./process_cost.ts";
import { drawScale, type ScaleSeries } from "./scale_plot.ts";

export const scale: Bench = {
  name: "scale",
  sentence: "A /8 into a black hole from process to process, beside ZMap; bench/scale.svg shows /20 to /8.",
  unit: "targets/s",
  programs: ["zmap"],
  rounds: 3,
  async run(rounds) {
    const call = { module: import.meta.url, name: "measureScale", argument: rounds };
    const series = await runInLab<ScaleSeries[]>(call);
    await writeFile(plotPath, drawScale(series));
    console.error(tableOf(series));
    return measurementOf(series);
  },
};

const plotPath = fileURLToPath(new URL("./scale.svg", import.meta.url));
const prefixLengths = [20, 16, 12, 8] as const;

/** Runs inside the lab's namespaces. */
export async function measureScale(rounds: number): Promise<ScaleSeries[]> {
  // An interface with IPv6 announces itself now and then, and frames are counted.
  await setKernelParameters([], [["net/ipv6/conf/default/disable_ipv6", 1]]);
  const hole = await openBlackHole();
  await runTool(["ip", "route", "add", "default", "dev", hole.name]);
  const programs = { margay: sweep, zmap };
  const series: ScaleSeries[] = Object.keys(programs).map((name) => ({ name, points: [] }));
  for (const length of prefixLengths) {
    const targetCount = 2 ** (32 - length);
    const samples = await interleave(rounds, {
      margay: () => measure(sweep(hole, `10.0.0.0/${length}`), targetCount, hole),
      zmap: () => measure(zmap(hole, `10.0.0.0/${length}`), targetCount, hole),
    });
    for (const { name, points } of series) {
      const own = samples[name as keyof typeof programs];
      points.push({
        targetCount,
        seconds: medianOf(own, "seconds"),
        mebibytes: medianOf(own, "residentBytesMax") / 2 ** 20,
      });
    }
  }
  return series;
}

/** @throws {Error} when the interface has counted fewer frames than there are targets. */
async function measure(
  command: readonly string[],
  targetCount: number,
  hole: BlackHole,
): Promise<ProcessCost> {
  const before = hole.frameCount();
  const cost = await measureProcess(command);
  const frames = hole.frameCount() - before;
  if (frames >= targetCount) return cost;
  throw new Error(`Cannot measure ${command.join(" ")}: ${frames} frames left for ${targetCount} targets`);
}

function measurementOf(series: readonly ScaleSeries[]): Measurement {
  const [ours, peer] = series.map(({ points }) => points.at(-1)!) as [
    ScaleSeries["points"][number],
    ScaleSeries["points"][number],
  ];
  const extra: Record<string, number> = {};
  for (const { name, points } of series) {
    for (const { targetCount, seconds, mebibytes } of points) {
      extra[`${name}_seconds_${targetCount}`] = seconds;
      extra[`${name}_mebibytes_${targetCount}`] = mebibytes;
    }
  }
  return {
    ours: ours.targetCount / ours.seconds,
    peer: peer.targetCount / peer.seconds,
    extra,
  };
}

function tableOf(series: readonly ScaleSeries[]): string {
  const rows = series.flatMap(({ name, points }) =>
    points.map(({ targetCount, seconds, mebibytes }) =>
      [name, targetCount.toLocaleString("en-US"), seconds.toFixed(2), mebibytes.toFixed(0)]
        .map((cell, index) => index === 0 ? cell.padEnd(8) : cell.padStart(12)).join("")
    )
  );
  const head = `${"".padEnd(8)}${["targets", "seconds", "MiB"].map((cell) => cell.padStart(12)).join("")}`;
  return [head, ...rows].join("\n");
}

function sweep({ name, gatewayHardwareAddress }: BlackHole, network: string): string[] {
  return [
    ...[...margayFromSource(), "sweep", network, "--ports", "443", "--rate", "1G", "--yes-fast", "--quiet"],
    ...["--cooldown", "0", "--interface", name, "--gateway-mac", gatewayHardwareAddress],
    ...["--output", "/run/scale.ndjson"],
  ];
}

function zmap({ name, address, gatewayHardwareAddress }: BlackHole, network: string): string[] {
  return [
    ...["zmap", "--config=/dev/null", "--blacklist-file=/dev/null", "--quiet", "--verbosity=0"],
    ...["--sender-threads=1", "--rate=0", "--cooldown-time=0", "--target-port=443", `--interface=${name}`],
    ...[`--source-ip=${address}`, `--gateway-mac=${gatewayHardwareAddress}`],
    ...["--output-file=/dev/null", network],
  ];
}
