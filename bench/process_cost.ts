import { readFileSync } from "node:fs";
import { toolFolders } from "../test/lab/tools.ts";
import { busySeconds } from "./machine.ts";

/** What a program cost from its start to its end. */
export interface ProcessCost {
  readonly seconds: number;
  /** What the whole machine was busy for meanwhile: a packet's cost lands on whoever is running. */
  readonly cpuSeconds: number;
  /** The most memory it held at once, in octets. */
  readonly residentBytesMax: number;
}

/** The kernel keeps the mark of the most memory, so only the last moment goes unseen. */
const POLL_MILLISECONDS = 20;

/**
 * Runs a program to its end.
 *
 * @param command the program and its arguments. What it writes to standard output is thrown away.
 * @throws {Error} with what it said on standard error when it fails.
 */
export async function measureProcess(command: readonly string[]): Promise<ProcessCost> {
  const [program, ...args] = command as [string, ...string[]];
  const [busyBefore, start] = [busySeconds(), performance.now()];
  const child = new Deno.Command(program, {
    args,
    env: { PATH: toolFolders().join(":") },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let residentBytesMax = 0;
  const polling = setInterval(() => {
    residentBytesMax = Math.max(residentBytesMax, residentBytesMaxOf(child.pid));
  }, POLL_MILLISECONDS);
  try {
    const complaints = new Response(child.stderr).text();
    const { success, code } = await child.status;
    const seconds = (performance.now() - start) / 1000;
    const cpuSeconds = busySeconds() - busyBefore;
    if (!success) {
      throw new Error(`Cannot measure ${command.join(" ")}: exit status ${code}: ${await complaints}`);
    }
    return { seconds, cpuSeconds, residentBytesMax };
  } finally {
    clearInterval(polling);
  }
}

/** proc_pid_status(5); 0 when the process has ended. */
function residentBytesMaxOf(process: number): number {
  try {
    const status = readFileSync(`/proc/${process}/status`, "utf8");
    return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
