import { command, formatMessage, message, or, runParserSync } from "@optique/core";
import { graphCommand, type GraphInvocation } from "./graph_options.ts";
import { logCommand, type LogInvocation } from "./log_options.ts";
import { type ScanInvocation, scanInvocation } from "./scan_options.ts";
import { type SweepInvocation, sweepInvocation } from "./sweep_options.ts";
import { VERSION } from "./version.ts";

/** What a command line asks for. */
export type Invocation =
  | ScanInvocation
  | SweepInvocation
  | LogInvocation
  | GraphInvocation
  /** Help, the version, or a shell's completions: print it and be done. */
  | { readonly kind: "show"; readonly text: string };

/** How help is laid out. */
export interface Layout {
  /** Columns of the terminal; undefined leaves lines as they are. */
  readonly columns?: number | undefined;
  readonly colors?: boolean;
}

/** Columns from which help is wrapped: in fewer, the terminal's own wrapping reads better. */
const WRAPPED_COLUMNS = 40;

const usageLine = [{ type: "literal", value: "[OPTION...] TARGET..." }] as const;

const scan = command("scan", scanInvocation, {
  brief: message`Sweep targets for open ports and capture the certificates behind them.`,
  usageLine,
});

const sweep = command("sweep", sweepInvocation, {
  brief: message`Sweep targets for open ports: a verdict for each.`,
  footer: message`While it runs, SIGUSR1 raises the rate by 5% and SIGUSR2 lowers it by 5%.`,
  usageLine,
});

const anyCommand = or(scan, sweep, logCommand(), graphCommand(), {
  errors: {
    noMatch: message`Cannot start: no command given; try margay scan TARGET, or margay --help`,
    unexpectedInput: (token) =>
      message`Cannot run ${token}: margay has no such command; try margay scan TARGET, or margay --help`,
  },
});

/** Where a command is named its own parser reads on: what that refuses, `or` would only call unexpected. */
function programFor([name, subcommand]: readonly string[]) {
  switch (name) {
    case "scan":
      return scan;
    case "sweep":
      return sweep;
    case "log":
      return logCommand(subcommand);
    case "graph":
      return graphCommand(subcommand);
    default:
      return anyCommand;
  }
}

/** Reads the arguments behind the program's name. Prints nothing and starts nothing. */
export function parseCommandLine(args: readonly string[], layout: Layout = {}): Invocation {
  const { columns = 0, colors = false } = layout;
  const shown: string[] = [];
  const show = (): Invocation => ({ kind: "show", text: shown.join("\n") });
  return runParserSync<ReturnType<typeof programFor>, Invocation, Invocation>(
    programFor(args),
    "margay",
    args,
    {
      brief: message`margay sweeps address ranges for open ports and captures the certificates behind them.`,
      help: { option: { names: ["-h", "--help"] }, onShow: show },
      version: { value: `margay ${VERSION}`, option: { names: ["-V", "--version"] }, onShow: show },
      completion: { command: true, onShow: show },
      usageLine: [{ type: "literal", value: "COMMAND [OPTION...] ARGUMENT..." }],
      aboveError: "none",
      showDefault: true,
      termWidth: "auto",
      ...(columns < WRAPPED_COLUMNS ? {} : { maxWidth: columns }),
      colors,
      messageFormatter: (message, options) => formatMessage(message, { ...options, quotes: false }),
      stdout: (text) => shown.push(text),
      // The message itself comes to onError; what stands around it here is the runner's own layout.
      stderr: () => {},
      onError: (_exitCode, error) => ({ kind: "refuse", message: formatMessage(error, { quotes: false }) }),
    },
  );
}
