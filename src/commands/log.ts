import type { LogInvocation } from "./log_options.ts";
import { runLogCat } from "./log_cat.ts";
import { runLogCheck } from "./log_check.ts";
import { runLogStats } from "./log_stats.ts";

/** Starts a command of `margay log`; resolves to the exit code. */
export function runLogCommand(invocation: LogInvocation): Promise<number> {
  switch (invocation.command) {
    case "check":
      return runLogCheck(invocation.options);
    case "cat":
      return runLogCat(invocation.options);
    case "stats":
      return runLogStats(invocation.options);
  }
}
