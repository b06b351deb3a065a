import { parseCommandLine } from "../../src/commands/command_line.ts";
import { LogWriter } from "../../src/observe/mod.ts";
import { planSweep, Scan, thisMachine } from "../../src/scan/mod.ts";
import { loadTargets } from "../../src/targets/mod.ts";

/**
 * Scans in this process with the guard off, which no command line can ask for: what the kernel then does shows
 * what the guard is for.
 *
 * @param arguments_ a command line, from `scan` on, without `--output`.
 * @param folder where the log goes.
 */
export async function scanUnguarded(arguments_: readonly string[], folder: string): Promise<void> {
  const invocation = parseCommandLine(arguments_);
  if (invocation.kind !== "scan") throw new Error(`Cannot scan ${arguments_.join(" ")}: not a scan`);
  const { options } = invocation;
  const { targetSet } = await loadTargets(options);
  const sink = await LogWriter.create(folder);
  try {
    const plan = planSweep(targetSet, options, thisMachine());
    const trust = { verifier: undefined, session: undefined };
    const setup = { plan, targets: targetSet, options, seed: 1n, sink, trust, guarded: false };
    const scan = await Scan.prepare(setup);
    const outcome = await scan.run(new AbortController().signal);
    if (outcome.reason !== "done") throw new Error(`Cannot scan ${options.targets}: ${outcome.reason}`);
  } finally {
    await sink.close();
  }
}
