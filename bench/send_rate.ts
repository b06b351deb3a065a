/**
 * Claim: one sender thread puts more probes on the wire than one of ZMap's, and its logic costs next to nothing.
 *
 * Peer: `zmap --sender-threads=1` at an unlimited rate. Beside them run `bare`, a loop in Zig over the same way to the
 * kernel that sends prebuilt frames (`bare_ratio` says which share of its rate is ours), and, if it is installed,
 * masscan (`masscan_ratio`).
 *
 * Method: every sender walks 10.0.0.0/8 into an `ifb` interface that drops all, in network namespaces of its own;
 * frames are counted by the interface, for two seconds after the first hundred thousand, so no start-up counts.
 * margay's is the packet plane itself, driven through `ffi/` with unlimited buckets. Nothing ever answers.
 *
 * @module
 */
import { runInLab } from "../test/lab/mod.ts";
import type { Bench, Measurement } from "./bench.ts";
import { type Flow, openBlackHole } from "./black_hole.ts";
import { interleave, medianOf } from "./interleave.ts";
import { hasProgram } from "./programs.ts";
import { measureBare, measureMasscan, measurePlane, measureZmap } from "./senders.ts";

export const sendRate: Bench = {
  name: "send_rate",
  sentence: "Probes that one sender thread puts into a black hole (ifb), beside ZMap with one sender thread.",
  unit: "frames/s",
  programs: ["zmap"],
  rounds: 5,
  run: (rounds) =>
    runInLab<Measurement>({ module: import.meta.url, name: "measureSenders", argument: rounds }),
};

/** Runs inside the lab's namespaces. */
export async function measureSenders(rounds: number): Promise<Measurement> {
  const hole = await openBlackHole();
  const sides: Record<string, () => Promise<Flow>> = {
    ours: () => measurePlane(hole),
    bare: () => measureBare(hole),
    peer: () => measureZmap(hole),
  };
  const hasMasscan = hasProgram("masscan");
  if (hasMasscan) sides["masscan"] = () => measureMasscan(hole);
  const samples = await interleave(rounds, sides);
  const rateOf = (side: string) => medianOf(samples[side]!, "framesPerSecond");
  const ours = rateOf("ours");
  return {
    ours,
    peer: rateOf("peer"),
    extra: {
      bare: rateOf("bare"),
      bare_ratio: ours / rateOf("bare"),
      ...(hasMasscan ? { masscan: rateOf("masscan"), masscan_ratio: ours / rateOf("masscan") } : {}),
    },
  };
}
