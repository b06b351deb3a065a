import { type Expected, expectedOf, type Mode, tlsFlagOf } from "./interoperation_expected.ts";
import type { Row } from "./interoperation_rows.ts";
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
  { mode: "pq", transport: "wire" },
  { mode: "legacy", transport: "wire" },
  { mode: "newest", transport: "wire" },
  { mode: "auto", transport: "kernel" },
];

/** Captures the chain of every server, in every order of hellos and over both transports. */
export async function captureAll(world: World): Promise<CaptureSight> {
  const runs: Map<Served, Captured>[] = [];
  for (const { mode, transport } of RUNS) runs.push(await capture(world, mode, transport));
  const judged = world.served.map((served) => {
    const { row } = served;
    const captures = runs.map((run) => run.get(served));
    const chain = shownChain(world, row.shown);
    const faults = RUNS.flatMap(({ mode, transport }, index) =>
      faultsOf(expectedOf(row.speaks, mode, index === 0), chain, captures[index])
        .map((fault) => `--tls ${tlsFlagOf(row.speaks, mode)} --transport ${transport}: ${fault}`)
    );
    return { row, line: lineOf(row, captures, faults), faults };
  });
  return {
    lines: judged.map(({ line }) => line),
    faults: judged.flatMap(({ row: { name, settings }, faults }) =>
      faults.map((fault) => `${[name, ...settings].join(" ")}: ${fault}`)
    ),
  };
}

async function capture(
  { served }: World,
  mode: Mode,
  transport: "wire" | "kernel",
): Promise<Map<Served, Captured>> {
  const captured = new Map<Served, Captured>();
  for (const [flag, servers] of Map.groupBy(served, ({ row }) => tlsFlagOf(row.speaks, mode))) {
    const arguments_ = ["--tls", flag, "--transport", transport, "--starttls", "auto"];
    const { captures } = await runOn(servers.map(targetOf), arguments_);
    for (const server of servers) {
      const found = captures.find(({ record }) => isOf(targetOf(server), record));
      if (found !== undefined) captured.set(server, found);
    }
  }
  return captured;
}

/** In what a capture differs from what it is to be. */
function faultsOf(expected: Expected, chain: readonly string[], captured: Captured | undefined): string[] {
  if (captured === undefined) return ["there is no record"];
  const firstAlert = captured.record.attempts?.[0]?.alert;
  const record: Readonly<Record<string, unknown>> = { ...captured.record, firstAlert };
  const faults = Object.entries(expected)
    .filter(([name, value]) => record[name] !== value)
    .map(([name, value]) => `${name} is ${record[name]}, not ${value}`);
  // Nothing else can be right then.
  if (record.outcome !== expected.outcome) return faults.slice(0, 1);
  const expectedChain = expected.outcome === "captured" ? chain : [];
  if (captured.chain.join() !== expectedChain.join()) {
    faults.push(`the chain of ${captured.chain.length} certificates is not the one configured`);
  }
  return faults;
}

function lineOf(row: Row, captures: readonly (Captured | undefined)[], faults: readonly string[]): Line {
  const answers = RUNS.map(({ mode, transport }, index) => [mode, transport, captures[index]] as const)
    .filter(([, transport]) => transport === "wire")
    .map(([mode, , captured]) => [mode, answerOf(captured)]);
  const chain = captures.find((captured) => captured?.record.outcome === "captured")?.chain;
  return {
    server: row.name,
    answers: Object.fromEntries(answers),
    suite: row.speaks.suite ?? captures[0]?.record.cipher_suite ?? "-",
    chainLength: chain?.length ?? 0,
    verdict: faults[0] ?? (chain === undefined ? "nothing in common, as configured" : "chain as configured"),
  };
}

function answerOf(captured: Captured | undefined): string {
  if (captured === undefined) return "-";
  const { hello, outcome, version, alert, hello_retried } = captured.record;
  if (outcome !== "captured") return `${alert ?? outcome} (${hello})`;
  return `${version} (${hello}${hello_retried ? ", retried" : ""})`;
}
