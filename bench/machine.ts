/** Ticks of /proc/stat in a second (USER_HZ), the same on every Linux that Deno runs on. */
const ticksPerSecond = 100;

/** How long the machine's processors have been busy since it started, all together, whoever kept them busy. */
export function busySeconds(): number {
  const [total] = Deno.readTextFileSync("/proc/stat").split("\n");
  const [user = 0, nice = 0, system = 0, , , interrupts = 0, softInterrupts = 0] = total!
    .split(/\s+/).slice(1).map(Number);
  return (user + nice + system + interrupts + softInterrupts) / ticksPerSecond;
}

/** The machine in a few words, for the table of results. */
export function describeMachine(): string {
  const cores = navigator.hardwareConcurrency;
  const model = /^model name\s*:\s*(.+)$/m.exec(Deno.readTextFileSync("/proc/cpuinfo"))?.[1] ??
    Deno.build.arch;
  return `${cores} cores (${model}), Linux ${Deno.osRelease()}, Deno ${Deno.version.deno}`;
}
