import type { SweepEnd, SweepFacts } from "../../../src/commands/sweep_facts.ts";
import { parseCommandLine } from "../../../src/commands/command_line.ts";
import type { SweepOptions } from "../../../src/scan/options.ts";
import type { SweepCounters } from "../../../src/scan/sweep_report.ts";
import { IntervalSet, loadTargets, parseAddress } from "../../../src/targets/mod.ts";
import { networkInterface } from "../scan/machine.ts";

export const COUNTERS: SweepCounters = {
  state: "done",
  pass: 1,
  targets: 65_536,
  sent: 65_536,
  repeated: 40_000,
  unresolved: 0,
  unrouted: 0,
  open: 13_215,
  closed: 11_010,
  unreachable: 12,
  filtered: 41_299,
  forged: 0,
  outside: 0,
  duplicate: 0,
  deferred: 0,
  receiveDrops: 0,
  sendShortfalls: 0,
  resetsSent: 13_215,
  kernelResets: 0,
  sendMethod: "xdp",
  concluded: 0,
  bytesSent: 9_000_000,
  bytesReceived: 1_700_000,
  rate: 20_000,
  elapsedMs: 15_000,
};

export const DONE: SweepEnd = {
  outcome: { reason: "done", cursor: 65_536n },
  counters: COUNTERS,
  results: 13_215,
};

/** A sweep as if it had been asked for by this command line. */
export async function factsOf(commandLine: string): Promise<SweepFacts> {
  const invocation = parseCommandLine(commandLine.split(" ")) as { readonly options: SweepOptions };
  const { options } = invocation;
  return {
    options,
    loaded: await loadTargets({ targets: options.targets, ports: options.ports }),
    plan: {
      hops: [{
        interface: networkInterface("eth0", 2),
        kind: "onLink",
        gateway: undefined,
        vlan: 0,
        sources: [parseAddress("192.0.2.1")!],
        addresses: IntervalSet.EMPTY,
        targetCount: 65_000,
        reason: "neighbours on eth0",
      }],
      kernel: [{ addresses: IntervalSet.EMPTY, targetCount: 536, reason: "addresses of this host" }],
      unroutedCount: 0,
      unownedSources: [],
      notes: ["a note"],
    },
    seed: 42,
    startedAt: new Date(Date.UTC(2026, 10, 21, 12, 39, 56, 198)),
  };
}
