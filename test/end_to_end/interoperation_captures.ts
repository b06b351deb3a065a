import { type Expected, expectedOf, type Mode, type Row, tlsFlagOf } from "./interoperation_rows.ts";
import { type Captured, isOf, runOn } from "./interoperation_run.ts";
import type { Line } from "./interoperation_table.ts";
import { type Served, shownChain, targetOf, type World } from "./interoperation_world.ts";

/** What margay captured of every server. */
export interface CaptureSight {
  readonly lines: readonly Line[];
  /** In what it differs from what is configured. */
  readonly faults: readonly string[];
}

const RUNS: readonly { readonly mode: Mode; readonly transport: "wire" | "kernel" }[] = [
  { mode: "auto", transport: "wire" },
  { mode: "max", transport: "wire" },
  { mode: "legacy", transport: "wire" },
  { mode: "newest", transport: "wire" },
  { mode: "auto", transport: "kernel" },
  { mode: "max", transport: "kernel" },
];

/** Captures the chain of every server, in every order of hellos and over both transports. */
export async function captureAll(world: World): Promise<CaptureSight> {
  const runs: { readonly run: string; readonly mode: Mode; readonly captures: readonly Captured[] }[] = [];
  for (const { mode, transport } of RUNS) {
    const byFlag = Map.groupBy(world.served, ({ row }) => tlsFlagOf(row, mode));
    for (const [flag, served] of byFlag) {
      const arguments_ = ["--tls", flag, "--transport", transport, "--starttls", "auto"];
      const { captures } = await runOn(served.map(targetOf), arguments_);
      runs.push({ run: arguments_.slice(0, 4).join(" "), mode, captures });
    }
  }
  const judged = world.served.map((served) => {
    const { row } = served;
    const chain = shownChain(world, row.shown);
    const answers: Partial<Record<Mode, Captured>> = {};
    const faults: string[] = [];
    for (const { run, mode, captures } of runs) {
      const captured = captures.find(({ record }) => isOf(targetOf(served), record));
      if (captured === undefined) continue;
      answers[mode] ??= captured;
      faults.push(...faultsOf(expectedOf(row, mode), chain, captured).map((fault) => `${run}: ${fault}`));
    }
    for (const { mode } of RUNS) {
      if (answers[mode] === undefined) faults.push(`by --tls ${tlsFlagOf(row, mode)} there is no record`);
    }
    return { row, line: lineOf(row, answers, faults), faults };
  });
  return {
    lines: judged.toSorted((one, other) => one.row.name < other.row.name ? -1 : 1).map(({ line }) => line),
    faults: judged.flatMap(({ row, faults }) =>
      faults.map((fault) => `${[row.name, ...row.settings].join(" ")}: ${fault}`)
    ),
  };
}
