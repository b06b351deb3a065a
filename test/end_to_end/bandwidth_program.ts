// Prints what a scan uses of its bandwidth, for people who tune it:
//   deno run -A test/end_to_end/bandwidth_program.ts [--bandwidth BITS] [--prefix PREFIX] [--live PERCENT] [--runs N] [--timeline]
import { parseArgs } from "node:util";
import { enterNamespace, withLab } from "../lab/mod.ts";
import { type BandwidthUse, measureBandwidth } from "./bandwidth.ts";

const entered = await enterNamespace();
if (entered !== undefined) Deno.exit(entered);

const { values } = parseArgs({
  args: Deno.args,
  options: {
    bandwidth: { type: "string", default: "20000000" },
    prefix: { type: "string", default: "10.50.0.0/17" },
    live: { type: "string", default: "50" },
    runs: { type: "string", default: "1" },
    timeline: { type: "boolean", default: false },
  },
});
const megabits = (rate: number) => (rate / 1e6).toFixed(2);

await withLab({ prefix: values.prefix, livePercent: Number(values.live) }, async (lab) => {
  for (let run = 0; run < Number(values.runs); run++) {
    print(await measureBandwidth(lab, Number(values.bandwidth)));
  }
});

function print(use: BandwidthUse): void {
  const percent = (rate: number) => `${(100 * rate / use.allowed).toFixed(1)}%`;
  const lines = [
    `allowed ${megabits(use.allowed)} Mbit/s, ${use.captures} captures, exit ${use.exitCode}, ` +
    `wiretap drops ${use.wiretapDrops}, others used ${use.foreignCores.toFixed(2)} cores`,
    `  both layers active ${(use.activeMilliseconds / 1000).toFixed(2)} s, average ${
      megabits(use.averageActive)
    } (${percent(use.averageActive)})`,
    `  highest sent   ${megabits(use.highestSent)} (${percent(use.highestSent)}) at ${use.highestSentAt} ms`,
    `  highest total  ${megabits(use.highestTotal)} (${
      percent(use.highestTotal)
    }) at ${use.highestTotalAt} ms`,
    `  windows over   ${(100 * use.shareOver).toFixed(2)}%`,
  ];
  if (values.timeline) lines.push(`  ${use.timeline.map((rate) => megabits(rate)).join(" ")}`);
  Deno.stdout.writeSync(new TextEncoder().encode(`${lines.join("\n")}\n`));
}
