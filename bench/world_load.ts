import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runTool } from "../test/lab/tools.ts";

/** The CPU that the load runs on, and the one that a world gets to itself where it can have one. */
export const LOAD_CPU = 1;
export const WORLD_CPU = 0;

/** What `load` measured. */
export interface LoadResult {
  /** Exchanges that were begun; a few were still under way at the end. */
  readonly sent: number;
  readonly answered: number;
  readonly failed: number;
  /** Those that stopped for a second before they were answered. */
  readonly lost: number;
  /** Of the servers' streams, of answered exchanges. */
  readonly octets: number;
  readonly seconds: number;
  /** The load's own. */
  readonly cpu_seconds: number;
}

/** What the load asks of which world. */
export interface Load {
  readonly purpose: "syn" | "tls";
  readonly interface: string;
  readonly gatewayHardwareAddress: string;
  readonly sourceAddress: string;
  readonly prefix: string;
  readonly port: number;
  /** How many exchanges are under way at once. */
  readonly window: number;
}

/** What a world did under a load. */
export interface WorldRate {
  readonly perSecond: number;
  /** The share of the exchanges that were not answered, 0 to 1. */
  readonly lost: number;
  /** What a server sent in one exchange. */
  readonly octetsEach: number;
  /** Exchanges per second of CPU that the world's process used; it says nothing of what it left to the kernel. */
  readonly perCpuSecond: number;
}

/** The address that the load's frames come from; `zig/lab/load.zig` says why it is nobody's. */
export const LOAD_HARDWARE_ADDRESS = "02:6c:6f:61:64:01";

const warmUpSeconds = 1;
const seconds = 3;
/** Linux tells user space hundredths of a second (USER_HZ). */
const ticksPerSecond = 100;

/**
 * Puts a load on a world and says how it held.
 *
 * @param process the id of the world's process.
 * @throws {Error} when no exchange is answered.
 */
export async function measureWorld(load: Load, process: number): Promise<WorldRate> {
  await runLoad(load, warmUpSeconds);
  const before = cpuSeconds(process);
  const { sent, answered, failed, lost, octets, seconds: elapsed } = await runLoad(load, seconds);
  const worldSeconds = cpuSeconds(process) - before;
  if (answered === 0) {
    throw new Error(
      `Cannot measure ${load.prefix}: of ${sent} exchanges none was answered, ${failed} failed`,
    );
  }
  return {
    perSecond: answered / elapsed,
    lost: (lost + failed) / sent,
    octetsEach: octets / answered,
    perCpuSecond: answered / worldSeconds,
  };
}

async function runLoad(load: Load, duration: number): Promise<LoadResult> {
  const program = fileURLToPath(new URL("../zig/zig-out/bin/load", import.meta.url));
  const { purpose, gatewayHardwareAddress, sourceAddress, prefix, port, window } = load;
  const output = await runTool([
    ...["taskset", "--cpu-list", `${LOAD_CPU}`, program, purpose, load.interface, gatewayHardwareAddress],
    ...[sourceAddress, prefix, `${port}`, `${duration}`, "--window", `${window}`],
  ]);
  return JSON.parse(output) as LoadResult;
}

/** Has all threads of a process run on one CPU only. */
export async function pin(process: number, cpu: number): Promise<void> {
  await runTool(["taskset", "--all-tasks", "--cpu-list", "--pid", `${cpu}`, `${process}`]);
}

/**
 * The id of the process whose command line has this word in it. Call it inside the lab, where /proc shows the lab
 * alone.
 *
 * @throws {Error} when there is none.
 */
export function processOf(word: string): number {
  for (const name of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const words = readFileSync(`/proc/${name}/cmdline`, "utf8").split("\0");
      if (words.some((candidate) => candidate.endsWith(word))) return Number(name);
    } catch {
      // It has ended since it was listed.
    }
  }
  throw new Error(`Cannot find ${word}: no process of the lab has it in its command line`);
}

/** proc_pid_stat(5): what a process used so far, in user mode and in the kernel. */
function cpuSeconds(process: number): number {
  const text = readFileSync(`/proc/${process}/stat`, "utf8");
  // The name, in brackets, may hold anything; `state` is the first field behind it.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** The kernel of a world answers the load, though that answers no ARP. */
export async function introduceLoad(address: string, through: string): Promise<void> {
  const neighbor = ["neighbor", "replace", address, "lladdr", LOAD_HARDWARE_ADDRESS, "nud", "permanent"];
  await runTool(["ip", "-netns", "world", ...neighbor, "dev", through]);
}

/** The hardware address of the world's end of the cable. */
export async function hardwareAddressOfWorld(worldInterface: string): Promise<string> {
  const answer = await runTool(["ip", "-netns", "world", "-json", "link", "show", "dev", worldInterface]);
  const [link] = JSON.parse(answer) as [{ address: string }];
  return link.address;
}
