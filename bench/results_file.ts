import { fileURLToPath } from "node:url";
import type { Bench, Result } from "./bench.ts";
import { describeMachine } from "./machine.ts";

/** Where the results stand. */
export const resultsPath = fileURLToPath(new URL("./RESULTS.md", import.meta.url));

/** Replaces the results by those of one complete run. */
export async function writeResults(results: readonly (readonly [Bench, Result])[]): Promise<void> {
  const rows = results.map(([{ sentence }, { name, ratio, ours, peer, unit, ...extra }]) => {
    const rest = Object.entries(extra).map(([key, value]) => `${key} ${format(value)}`).join(", ");
    return `| ${name} | ${format(ratio)} | ${format(ours)} | ${
      format(peer)
    } | ${unit} | ${sentence} | ${rest} |`;
  });
  const text = [
    "# Results",
    "",
    "Written by `deno task bench`. Each ratio says how many times better margay is than the peer that was measured in",
    "the same run, in turn with it; 1 is equal. Numbers are medians. Method and peer stand at the top of `bench/NAME.ts`.",
    "",
    `${new Date().toISOString().slice(0, 10)}, ${describeMachine()}`,
    "",
    "| name | ratio | ours | peer | unit | what it measures | beside it |",
    "| --- | ---: | ---: | ---: | --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
  await Deno.writeTextFile(resultsPath, text);
}

function format(value: number | string): string {
  return typeof value === "number" ? value.toLocaleString("en-US", { maximumSignificantDigits: 5 }) : value;
}
