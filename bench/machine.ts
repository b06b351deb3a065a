/** Ticks of /proc/stat in a second (USER_HZ), the same on every Linux that Deno runs on. */
const ticksPerSecond = 100;

/**
 * A clock of the time that the machine's processors are busy, all together, whoever keeps them busy; what counts is the
 * difference of two readings. It is what is left of the time when they idle, wait for a disk, or run another guest of
 * the host: only those are timed by the kernel (with NO_HZ), while most kernels sample busy time at each tick, and miss
 * or overrate what a timer woke.
 */
export function busySeconds(): number {
  const text = Deno.readTextFileSync("/proc/stat");
  const [total] = text.split("\n");
  const processors = text.match(/^cpu\d/gm)!.length;
  // proc_stat(5): user, nice, system, idle, iowait, irq, softirq, steal
  const [, , , idle = 0, diskWait = 0, , , stolen = 0] = total!.split(/\s+/).slice(1).map(Number);
  return processors * performance.now() / 1000 -
    (idle + diskWait + stolen) / ticksPerSecond;
}

/**
 * What processes were busy for that this one started and that have ended; {@linkcode busySeconds} takes in whoever else
 * runs on the machine.
 */
export function endedChildrenSeconds(): number {
  const text = Deno.readTextFileSync("/proc/self/stat");
  // proc_pid_stat(5): the name, in brackets, may hold anything; `cutime` and `cstime` are 14th and 15th behind it.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[13]) + Number(fields[14])) / ticksPerSecond;
}

/** The machine in a few words, for the table of results. */
export function describeMachine(): string {
  const cores = navigator.hardwareConcurrency;
  const model = /^model name\s*:\s*(.+)$/m.exec(Deno.readTextFileSync("/proc/cpuinfo"))?.[1] ??
    Deno.build.arch;
  return `${cores} cores (${model}), Linux ${Deno.osRelease()}, Deno ${Deno.version.deno}`;
}
