import { readdir, readFile } from "node:fs/promises";

/** CPU time since the machine started, in seconds: spent by anybody, and by this lab's processes. */
interface CpuTime {
  readonly machine: number;
  readonly lab: number;
}

/** Linux tells user space hundredths of a second (USER_HZ). */
const TICKS_PER_SECOND = 100;

/**
 * Runs something and says how many cores the rest of the machine was busy with meanwhile, so that a measurement that
 * others disturbed can be told from one that says something. Call it inside the lab, where /proc shows the lab alone.
 */
export async function withForeignLoad<Result>(
  run: () => Promise<Result>,
): Promise<{ result: Result; foreignCores: number }> {
  const before = await cpuTime();
  const startedAt = performance.now();
  const result = await run();
  const after = await cpuTime();
  const foreign = (after.machine - before.machine) - (after.lab - before.lab);
  return { result, foreignCores: foreign * 1000 / (performance.now() - startedAt) };
}

async function cpuTime(): Promise<CpuTime> {
  const processes = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const times = await Promise.all(processes.map(processTicks));
  return {
    machine: await machineTicks() / TICKS_PER_SECOND,
    lab: times.reduce((sum, ticks) => sum + ticks, 0) / TICKS_PER_SECOND,
  };
}

/** proc_stat(5): user, nice, system, idle, iowait, irq, softirq. Interrupts are nobody's: frames cause most. */
async function machineTicks(): Promise<number> {
  const [line = ""] = (await readFile("/proc/stat", "utf8")).split("\n");
  const [user = 0, nice = 0, system = 0] = line.split(/\s+/).slice(1).map(Number);
  return user + nice + system;
}

/** proc_pid_stat(5): a process's own time and that of the children it waited for; 0 when it has ended. */
async function processTicks(process: string): Promise<number> {
  const text = await readFile(`/proc/${process}/stat`, "utf8").catch(() => "");
  // The name, in brackets, may hold anything; `state` is the first field behind it.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
}
