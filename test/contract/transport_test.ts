import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Control, NO_PROGRESS } from "../../ffi/mod.ts";
import { Governor } from "../../src/governor/mod.ts";
import { parseCommandLine } from "../../src/commands/command_line.ts";
import { extentOf } from "../../src/scan/extent.ts";
import { KernelLane } from "../../src/scan/kernel_lane.ts";
import type { Lane, LaneHost } from "../../src/scan/lane.ts";
import { KernelTargets } from "../../src/scan/kernel_targets.ts";
import { planSweep, thisMachine } from "../../src/scan/plan.ts";
import { TargetFeed } from "../../src/scan/target_feed.ts";
import { WireLane } from "../../src/scan/wire_lane.ts";
import { loadTargets, type TargetSet } from "../../src/targets/mod.ts";
import { addressOfNumber, parsePrefix, runInLab, withLab } from "../lab/mod.ts";
import { nextLine } from "../lab/lines.ts";
import { runTool } from "../lab/tools.ts";
import { PORTS, RESET_LENGTH } from "./scripted_server.ts";
import { type Check, transportContract, type TransportHarness } from "./transport_contract.ts";

type Behaviour = keyof typeof PORTS;

const PREFIX = "10.50.7.0/27";
const IN_WORLD = ["ip", "netns", "exec", "world"];

/**
 * On one port nothing behind the SYN arrives, so that no octet is acknowledged; on another, long packets reset. Three
 * ports of an address answer no SYN once a connection has been made to it, each in its own way, and one port misses the
 * first reset. All is forgotten before the next transport comes.
 */
const WORLD_RULES = `
table ip contract {
  set met {
    type ipv4_addr . inet_service
    flags dynamic, timeout
    timeout 2s
  }
  chain arrive {
    type filter hook input priority 0; policy accept;
    tcp dport ${PORTS.unacknowledging} tcp flags & (syn | ack) == ack drop
    tcp dport ${PORTS.reset} ip length > ${RESET_LENGTH} reject with tcp reset
    tcp flags & (syn | ack) == syn ip daddr . tcp dport @met jump again
    tcp dport { ${PORTS.refusing}, ${PORTS.withdrawn}, ${PORTS.cutOff} } tcp flags & (syn | rst | ack) == ack \
      add @met { ip daddr . tcp dport }
    tcp dport ${PORTS.holding} tcp flags & rst == rst ip daddr . tcp dport != @met \
      add @met { ip daddr . tcp dport } drop
  }
  chain again {
    tcp dport ${PORTS.refusing} reject with tcp reset
    tcp dport ${PORTS.withdrawn} drop
    tcp dport ${PORTS.cutOff} reject with icmp host-unreachable
  }
}
`;

/** A check that was run, with what was wrong. */
interface Outcome {
  readonly name: string;
  readonly fault?: string;
}

const CONTRACTS = [
  ...contractOf("wire", "wire"),
  // What readers could get wrong is whose a connection is.
  ...contractOf("two readers", "wire", "--readers", "2").filter(({ name }) =>
    name.includes("beside each other")
  ),
  ...contractOf("kernel", "kernel"),
  { name: "wire: what a lane has reserved is given back", run: checkRelease },
];

/** Runs inside: both transports against one world. */
export function runContract(): Promise<Outcome[]> {
  return withLab({ prefix: PREFIX, certificateCount: 1, livePercent: 0, silentPercent: 0 }, async () => {
    await runTool([...IN_WORLD, "nft", "-f", "-"], WORLD_RULES);
    const servers = await startServers();
    try {
      const outcomes: Outcome[] = [];
      for (const check of CONTRACTS) {
        try {
          await check.run();
          outcomes.push({ name: check.name });
        } catch (error) {
          outcomes.push({ name: check.name, fault: (error as Error).stack ?? String(error) });
        }
      }
      return outcomes;
    } finally {
      servers.kill("SIGKILL");
      await servers.status;
    }
  });
}

async function startServers(): Promise<Deno.ChildProcess> {
  const program = fileURLToPath(new URL("./scripted_server.ts", import.meta.url));
  const [command, ...args] = [...IN_WORLD, Deno.execPath(), "run", "-A", "--quiet", program];
  const child = new Deno.Command(command!, { args, stdin: "null", stdout: "piped", stderr: "inherit" })
    .spawn();
  assert.equal(await nextLine(child.stdout), "ready");
  return child;
}

function contractOf(name: string, transport: "wire" | "kernel", ...settings: string[]): Check[] {
  const harness: TransportHarness = {
    async verify(behaviour, count) {
      const lane = await openLane(transport, settings, await targetsOf(behaviour, count));
      const found: LaneHost[] = [];
      const allFound = Promise.withResolvers<void>();
      const swept = lane.sweep({
        host(host) {
          found.push(host);
          lane.settle();
          if (found.length === count) allFound.resolve();
        },
      });
      await Promise.race([allFound.promise, swept]);
      assert.equal(found.length, count, `hosts of ${behaviour} that answered`);
      return {
        transport: lane.transport,
        hosts: found.map(({ host }) => host),
        async dispose() {
          await lane.dispose();
        },
      };
    },
    serverSockets,
  };
  return transportContract(name, harness);
}

/** A run that is gone on with opens several lanes, one after another. */
async function checkRelease(): Promise<void> {
  const targets = await targetsOf("reset", 1);
  const lanesMapped = async (count: number) => {
    for (let lane = 0; lane < count; lane++) await (await openLane("wire", [], targets)).dispose();
    return await mappedBytes();
  };
  const before = await lanesMapped(1);
  const grown = await lanesMapped(3) - before;
  assert.ok(grown < 32 * 2 ** 20, `${grown} octets of memory more`);
}

/** What is mapped for this process alone and comes from no file (proc_pid_maps(5)). */
async function mappedBytes(): Promise<number> {
  const maps = await readFile("/proc/self/maps", "utf8");
  let bytes = 0;
  for (const [, first, end] of maps.matchAll(/^([0-9a-f]+)-([0-9a-f]+) rw-p 0+ 00:00 0 *$/gm)) {
    bytes += parseInt(end!, 16) - parseInt(first!, 16);
  }
  return bytes;
}

async function targetsOf(behaviour: Behaviour, count: number): Promise<TargetSet> {
  const { first } = parsePrefix(PREFIX);
  const targets = Array.from({ length: count }, (_, index) => addressOfNumber(first + 1 + index));
  const port = PORTS[behaviour];
  const { targetSet } = await loadTargets({ targets, ports: [{ first: port, last: port }] });
  return targetSet;
}

async function openLane(transport: "wire" | "kernel", settings: string[], targets: TargetSet): Promise<Lane> {
  const control = new Control();
  const governor = new Governor(control, { probesPerSecond: 10_000, bitsPerSecond: undefined });
  const invocation = parseCommandLine([
    "scan",
    "TARGET",
    "--transport",
    transport,
    "--cooldown",
    "2",
    ...settings,
  ]);
  assert(invocation.kind === "scan");
  const { options } = invocation;
  const plan = planSweep(targets, options, thisMachine());
  const extent = extentOf(targets, options);
  const setup = {
    plan,
    targets,
    extent,
    options,
    seed: 1n,
    progress: NO_PROGRESS,
    processes: 0,
    guarded: true,
  };
  if (transport === "kernel") return new KernelLane(new KernelTargets(setup), options, governor);
  return await WireLane.open(setup, new TargetFeed(), control);
}

/** The world's own view (proc(5), /proc/net/tcp): half-open connections are in it as SYN_RECV. */
async function serverSockets(behaviour: Behaviour): Promise<number> {
  const table = await runTool([...IN_WORLD, "cat", "/proc/net/tcp"]);
  const port = PORTS[behaviour].toString(16).toUpperCase();
  const [timeWait, listening] = ["06", "0A"];
  return table.split("\n").filter((line) => {
    const [, local = "", , state] = line.trim().split(/\s+/);
    return local.endsWith(`:${port}`) && state !== listening && state !== timeWait;
  }).length;
}

Deno.test("both transports keep the contract", async (context) => {
  const outcomes = await runInLab<Outcome[]>({ module: import.meta.url, name: "runContract" });
  assert(outcomes.length > 0);
  for (const { name, fault } of outcomes) {
    await context.step(name, () => {
      if (fault !== undefined) assert.fail(fault);
    });
  }
});
