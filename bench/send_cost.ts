/**
 * Claim: a probe costs the machine about half of what one of ZMap's does.
 *
 * Peer: `zmap --sender-threads=1` at an unlimited rate.
 *
 * Method: that of `send_rate`, with the time that all processors of the machine together were busy meanwhile
 * (/proc/stat), since the kernel's part of the work lands on whoever is running. So nothing else should run. The
 * receiving side stands ready in both, and gets nothing.
 *
 * @module
 */
import { runInLab } from "../test/lab/mod.ts";
import type { Bench, Measurement } from "./bench.ts";
import { openBlackHole } from "./black_hole.ts";
import { interleave, medianOf } from "./interleave.ts";
import { measurePlane, measureZmap } from "./senders.ts";

export const sendCost: Bench = {
  name: "send_cost",
  sentence: "Probes for each second of the machine's CPUs, sent into a black hole (ifb), beside ZMap.",
  unit: "frames/CPU second",
  programs: ["zmap"],
  rounds: 5,
  run: (rounds) => runInLab<Measurement>({ module: import.meta.url, name: "measureCosts", argument: rounds }),
};

/** Runs inside the lab's namespaces. */
export async function measureCosts(rounds: number): Promise<Measurement> {
  const hole = await openBlackHole();
  const samples = await interleave(rounds, {
    ours: () => measurePlane(hole),
    peer: () => measureZmap(hole),
  });
  const ours = medianOf(samples.ours, "framesPerCpuSecond");
  const peer = medianOf(samples.peer, "framesPerCpuSecond");
  return {
    ours,
    peer,
    extra: { ours_cpu_seconds_per_million: 1e6 / ours, peer_cpu_seconds_per_million: 1e6 / peer },
  };
}
