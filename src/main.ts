import { parseCommandLine } from "./commands/command_line.ts";
import { ExitCode, exitCodeOf } from "./commands/exit_code.ts";
import { hasReaderLeft } from "./commands/has_reader_left.ts";
import { consoleColumns, standardError } from "./commands/terminal.ts";
import type { ReportOptions } from "./scan/options.ts";
import { printable, reasonOf, writeOctetsSync } from "./text/mod.ts";

/** Verbosity from which an error comes with its stack. */
const STACK_VERBOSITY = 5;

async function main(args: readonly string[]): Promise<number> {
  const isTerminal = Deno.stdout.isTerminal();
  const invocation = parseCommandLine(args, {
    columns: isTerminal ? consoleColumns() : undefined,
    colors: isTerminal && !Deno.env.get("NO_COLOR"),
  });
  switch (invocation.kind) {
    case "show":
      return show(invocation.text);
    case "refuse":
      complain(invocation.message);
      return ExitCode.badUsage;
    case "scan": {
      const { options } = invocation;
      // Loaded when it is needed: help and the version must not wait for it, nor need the native library.
      return await run(options, async () => (await import("./commands/scan.ts")).runScanCommand(options));
    }
    case "resume": {
      const { folder, given } = invocation;
      const report = { verbosity: given.verbosity ?? 0 };
      return await run(
        report,
        async () => (await import("./commands/scan.ts")).runResumeCommand(folder, given),
      );
    }
    case "sweep": {
      const { options } = invocation;
      return await run(options, async () => (await import("./commands/sweep.ts")).runSweepCommand(options));
    }
    case "log":
      return await run({}, async () => (await import("./commands/log.ts")).runLogCommand(invocation));
    case "graph":
      return await run({}, async () => (await import("./commands/graph.ts")).runGraphCommand(invocation));
  }
}

function show(text: string): number {
  try {
    writeOctetsSync(Deno.stdout, new TextEncoder().encode(`${text}\n`));
  } catch (error) {
    if (!hasReaderLeft(error)) throw error;
  }
  return ExitCode.done;
}

async function run(
  { verbosity = 0 }: Partial<ReportOptions>,
  command: () => Promise<number>,
): Promise<number> {
  try {
    return await command();
  } catch (error) {
    complain(reasonOf(error));
    if (verbosity >= STACK_VERBOSITY) complain(Deno.inspect(error));
    return exitCodeOf(error);
  }
}

function complain(message: string): void {
  standardError.write(`margay: ${message.split("\n").map(printable).join("\n")}\n`);
}

if (import.meta.main) Deno.exit(await main(Deno.args));
