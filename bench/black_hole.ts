import { setTimeout as delay } from "node:timers/promises";
import { runTool } from "../test/lab/tools.ts";
import { busySeconds } from "./machine.ts";

/** An interface that counts what it is given and throws it away. */
export interface BlackHole {
  readonly name: string;
  readonly address: string;
  /** Nobody's: who is given it need not ask. */
  readonly gatewayHardwareAddress: string;
  /** Frames since the interface was made. */
  frameCount(): number;
  /**
   * What arrives from the sender that has just been started, by the interface's own counter: from when the frames
   * come, for two seconds.
   *
   * @throws {Error} when none come.
   */
  measureFlow(): Promise<Flow>;
}

/** Frames as they arrive, and what they cost. */
export interface Flow {
  readonly framesPerSecond: number;
  /** By all of the machine's processors: a frame's cost lands on whoever is running. */
  readonly framesPerCpuSecond: number;
}

const name = "blackhole0";
const address = "10.98.0.1";
const gatewayHardwareAddress = "02:00:00:00:00:01";
const warmUpFrames = 100_000;
const startTimeoutMs = 5_000;
const windowMs = 2_000;

/** Makes the interface, inside the lab's namespaces; it goes with them. */
export async function openBlackHole(): Promise<BlackHole> {
  try {
    await runTool(["ip", "link", "add", name, "type", "ifb"]);
  } catch (cause) {
    throw new Error(`Cannot make a black hole: the kernel has no ifb (modprobe ifb, as root)`, { cause });
  }
  await runTool(["ip", "address", "add", `${address}/30`, "dev", name]);
  await runTool(["ip", "link", "set", name, "up"]);
  return { name, address, gatewayHardwareAddress, frameCount, measureFlow };
}

async function measureFlow(): Promise<Flow> {
  const idleFrames = frameCount();
  const startedAt = performance.now();
  while (frameCount() - idleFrames < warmUpFrames) {
    if (performance.now() - startedAt > startTimeoutMs) {
      throw new Error(`Cannot count frames: none reach ${name}`);
    }
    await delay(10);
  }
  const [firstFrames, start, busyBefore] = [frameCount(), performance.now(), busySeconds()];
  await delay(windowMs);
  const frames = frameCount() - firstFrames;
  return {
    framesPerSecond: frames * 1000 / (performance.now() - start),
    framesPerCpuSecond: frames / (busySeconds() - busyBefore),
  };
}

/** What an ifb is told to send, it receives. */
function frameCount(): number {
  const line = Deno.readTextFileSync("/proc/net/dev").split("\n").find((line) => line.includes(`${name}:`));
  return Number(line?.split(":")[1]?.trim().split(/\s+/)[1]);
}
