import { fileURLToPath } from "node:url";
import type { Bench, Result } from "./bench.ts";
import { describeMachine } from "./machine.ts";

/** Where the results stand. */
export const resultsPath = fileURLToPath(new URL("./RESULTS.md", import.meta.url));

const HEAD = [
  "# Results",
  "",
  "Written by `deno task bench`. Each ratio says how many times better margay is than the peer that was measured in",
  "the same run, in turn with it; 1 is equal. Numbers are medians. Method and peer stand at the top of `bench/NAME.ts`.",
  "",
  "| name | ratio | ours | peer | unit | what it measures | beside it | when and where |",
  "| --- | ---: | ---: | ---: | --- | --- | --- | --- |",
];

/** Puts a result in the place of the one before of its bench. Rows stand in the order of `names`, which are all. */
export async function recordResult(bench: Bench, result: Result, names: readonly string[]): Promise<void> {
  const rows = await readRows();
  rows.set(bench.name, rowOf(bench, result));
  const kept = names.flatMap((name) => rows.get(name) ?? []);
  await Deno.writeTextFile(resultsPath, [...HEAD, ...kept, ""].join("\n"));
}

/** By the names of their benches. */
async function readRows(): Promise<Map<string, string>> {
  const lines = (await Deno.readTextFile(resultsPath)).split("\n");
  return new Map(lines.flatMap((line) => {
    const name = /^\| (\w+) \|/.exec(line)?.[1];
    return name === undefined ? [] : [[name, line] as const];
  }));
}

function rowOf({ sentence }: Bench, { name, ratio, ours, peer, unit, ...extra }: Result): string {
  const rest = Object.entries(extra).map(([key, value]) => `${key} ${format(value)}`).join(", ");
  const origin = `${new Date().toISOString().slice(0, 10)}, ${describeMachine()}`;
  const cells = [name, format(ratio), format(ours), format(peer), unit, sentence, rest, origin];
  return `| ${cells.join(" | ")} |`;
}

function format(value: number | string): string {
  return typeof value === "number" ? value.toLocaleString("en-US", { maximumSignificantDigits: 5 }) : value;
}
