import { readdirSync } from "node:fs";

/** Of sys/resource.h: a thread, for Linux. */
const PRIO_PROCESS = 0;
const NICE_LOWEST = 19;

/** Leaves the processor to everything else on the machine, for good. (setpriority(2); each thread has its own.) */
export function lowerPriority(): void {
  const libc = Deno.dlopen("libc.so.6", {
    setpriority: { parameters: ["i32", "u32", "i32"], result: "i32" },
  });
  try {
    for (const thread of readdirSync("/proc/self/task")) {
      // Nothing is lost when it stays: whoever may not is told nothing.
      libc.symbols.setpriority(PRIO_PROCESS, Number(thread), NICE_LOWEST);
    }
  } finally {
    libc.close();
  }
}
