import { formatMessage, type InferValue, type Message, object, optional, parse } from "@optique/core";
import { type AskOptions, type ScanOptions, type ServerNamePolicy, wireOnlyFlag } from "../scan/options.ts";
import type { TlsMode } from "../tls/mod.ts";
import { formatCount } from "../text/mod.ts";
import {
  commonConflict,
  commonOptions,
  cooldownSetting,
  count,
  file,
  networkSettings,
  orStandards,
  paceSettings,
  reportSettings,
  targetSettings,
  unexpectedInput,
} from "./common_options.ts";
import { setting, toggle, withStandard } from "./setting.ts";
import { formatBytes, parseCount, parseSeconds } from "./units.ts";
import {
  atMost,
  parseHttpPath,
  parseServerName,
  SCAN_FORMATS,
  STARTTLS,
  TLS_MODES,
  wordParser,
} from "./values.ts";

/** What stands for options that are not given. */
const STANDARDS: Pick<
  ScanOptions,
  | "cooldownSeconds"
  | "tls"
  | "serverName"
  | "captureTimeoutSeconds"
  | "captureBytes"
  | "format"
  | "graphWaitSeconds"
> = {
  cooldownSeconds: 8,
  tls: "auto",
  serverName: "given",
  captureTimeoutSeconds: 10,
  captureBytes: 256 * 1024,
  format: "log",
  graphWaitSeconds: 60,
};

const targetSection = object("What to scan", {
  ...targetSettings,
  resume: optional(setting(["--resume"], {
    ...file,
    metavar: "FOLDER",
    description: "Go on with the run in this folder, that was stopped or killed, as it was asked for.",
  })),
  maxResults: optional(
    setting(["-N", "--max-results"], { ...count, description: "Stop after so many verified hosts." }),
  ),
});

const paceSection = object("How fast, how long", {
  ...paceSettings,
  cooldownSeconds: cooldownSetting(STANDARDS.cooldownSeconds),
});

const askSection = object("What to ask", {
  tls: withStandard(
    STANDARDS.tls,
    setting<TlsMode>(["--tls"], {
      metavar: "VERSION",
      description:
        "auto (1.2, then 1.3), max (1.3 first), pq, legacy (down to SSL 2.0), or 1.3 to 1.0, ssl3, ssl2 alone.",
      parse: wordParser(TLS_MODES),
      example: "auto",
      completes: TLS_MODES,
    }),
  ),
  serverName: withStandard(
    "given",
    setting<ServerNamePolicy>(["--sni"], {
      metavar: "NAME",
      description:
        "The server name to ask for at targets that bring none; none: never send one; reverse: as the " +
        "address resolves.",
      parse: parseServerName,
      example: "given",
      format: (policy) => typeof policy === "object" ? policy.name : policy,
    }),
  ),
  starttls: optional(setting<NonNullable<AskOptions["starttls"]>>(["--starttls"], {
    metavar: "PROTOCOL",
    description: `Speak this protocol before TLS: ${
      STARTTLS.slice(1).join(", ")
    } (by server name); auto: by the port.`,
    parse: wordParser(STARTTLS),
    example: "auto",
    completes: STARTTLS,
  })),
  captureTimeoutSeconds: withStandard(
    String(STANDARDS.captureTimeoutSeconds),
    setting(["--capture-timeout"], {
      metavar: "SECONDS",
      description: "Give up on a connection after so long.",
      parse: (text) => atMost(parseSeconds(text, 0.1), 600),
      example: 10,
    }),
  ),
  captureBytes: withStandard(
    formatCount(STANDARDS.captureBytes),
    setting(["--capture-bytes"], {
      ...count,
      metavar: "BYTES",
      description: "Give up on a connection that brought so much without a whole chain.",
      parse: (text) => atMost(parseCount(text, 1024), 16 * 1024 * 1024),
    }),
  ),
  verify: toggle(["--verify"], "Check each chain against trusted roots, without asking anybody."),
  roots: optional(
    setting(["--roots"], {
      ...file,
      description: "Trust the certificates in this file or folder, for --verify and --session.",
    }),
  ),
  session: toggle(["--session"], "Hold a whole handshake behind the capture: trust verdict, version, ALPN."),
  http: optional(setting(["--http"], {
    metavar: "PATH",
    description: "Ask for this path over HTTP within the session. Needs --session.",
    parse: parseHttpPath,
    example: "/",
  })),
  jarm: toggle(["--jarm"], "Fingerprint servers by their answers to ten hellos (JARM)."),
  enumerate: toggle(["--enumerate"], "Find out each version and cipher suite that a server accepts."),
});

const networkSection = object("Through what", networkSettings);

/** Smallest size of a log's file: a line of it can be long. */
const SEGMENT_BYTES_MIN = 100_000;

const resultSection = object("What comes out", {
  output: optional(setting(["-o", "--output"], {
    ...file,
    metavar: "FOLDER",
    description: "Where the log goes; - is standard output. [margay-RUN]",
  })),
  format: withStandard(
    STANDARDS.format,
    setting<ScanOptions["format"]>(["--format"], {
      metavar: "NAME",
      description:
        "log: a folder of observations; zgrab2: lines as ZGrab2 writes them, to standard output unless -o.",
      parse: wordParser(SCAN_FORMATS),
      example: "log",
      completes: SCAN_FORMATS,
    }),
  ),
  segmentBytes: optional(setting(["--segment-size"], {
    metavar: "BYTES",
    description: "Begin a new file of the log when one would grow beyond this. [256 MiB]",
    parse: (text) => parseCount(text, SEGMENT_BYTES_MIN),
    example: SEGMENT_BYTES_MIN,
    format: formatBytes,
  })),
  gzip: toggle(["--gzip"], "Compress each file of the log once it is finished."),
  graph: optional(setting(["--graph"], {
    ...file,
    description: "Add what the run sees to this graph; made when there is none. [graph.sqlite in FOLDER]",
  })),
  noGraph: toggle(["--no-graph"], "Build no graph; margay graph build makes it from the log at any time."),
  graphWaitSeconds: withStandard(
    String(STANDARDS.graphWaitSeconds),
    setting(["--graph-wait"], {
      metavar: "SECONDS",
      description:
        "Wait so long at the end for the rest of the graph, which is then built in the background.",
      parse: parseSeconds,
      example: STANDARDS.graphWaitSeconds,
    }),
  ),
  ...reportSettings,
});

const sections = object(
  {
    targets: targetSection,
    ask: askSection,
    pace: paceSection,
    network: networkSection,
    results: resultSection,
  },
  { errors: { unexpectedInput: refuseInput } },
);

/** What comes of a command line that starts with `margay scan`. */
export type ScanInvocation =
  | { readonly kind: "scan"; readonly options: ScanOptions }
  /** Go on with the run in a folder. Beside it stands what was given besides. */
  | { readonly kind: "resume"; readonly folder: string; readonly given: GivenOptions }
  /** Every value is well-formed alone, together they make no sense. */
  | { readonly kind: "refuse"; readonly message: string };

/** Reads what follows `margay scan`. */
export const scanInvocation = sections.map((given): ScanInvocation => {
  const options = merged(given);
  return options.resume === undefined ? checkOptions(options) : checkResume(options, options.resume);
});

function merged({ targets, ask, pace, network, results }: InferValue<typeof sections>): GivenOptions {
  return { ...targets, ...ask, ...pace, ...network, ...results };
}

/** What these arguments give; the reason where they are none. */
export function parseScanArguments(args: readonly string[]): GivenOptions | { readonly reason: string } {
  const parsed = parse(sections, args);
  return parsed.success ? merged(parsed.value) : { reason: formatMessage(parsed.error, { quotes: false }) };
}

function refuseInput(token: string): Message {
  return unexpectedInput("scan", sections.usage, token);
}

/** Options as they were given: undefined, false or empty is what was not. */
export type GivenOptions =
  & InferValue<typeof targetSection>
  & InferValue<typeof askSection>
  & InferValue<typeof paceSection>
  & InferValue<typeof networkSection>
  & InferValue<typeof resultSection>;

/** Those of a run that begins. */
type NewOptions = Omit<GivenOptions, "resume">;

/** What only a sweep can be asked for. */
const SWEEP_ONLY = {
  cursor: 0n,
  retryRate: undefined,
  minHitRate: undefined,
  resets: true,
} as const;

function checkResume(given: GivenOptions, folder: string): ScanInvocation {
  const refuse = (message: string) => ({ kind: "refuse", message }) as const;
  if (folder === "-") {
    return refuse(
      "Cannot resume -: what goes to standard output is kept nowhere; only a run with a folder can be resumed",
    );
  }
  if (given.output !== undefined) {
    return refuse("Cannot use --output with --resume: the log goes on where it is; leave one out");
  }
  if (given.dryRun) {
    return refuse(
      "Cannot use --dry-run with --resume: what is left to be asked is not listed; leave one out",
    );
  }
  return { kind: "resume", folder, given };
}

/** What these options ask for, with what stands for those that were not given. */
export function checkOptions({ resume: _, ...given }: GivenOptions): ScanInvocation {
  const conflict = commonConflict("scan", given) ?? askConflict(given) ?? logConflict(given);
  if (conflict !== undefined) return { kind: "refuse", message: conflict };
  return {
    kind: "scan",
    options: { ...commonOptions(given), ...orStandards(given, STANDARDS), ...SWEEP_ONLY },
  };
}

/** Why what is to be asked makes no sense together; undefined when it does. */
function askConflict(given: NewOptions): string | undefined {
  if (given.http !== undefined && !given.session) {
    return "Cannot use --http without --session: the request travels in the session; add --session";
  }
  if (given.http !== undefined && given.starttls !== undefined && given.starttls !== "auto") {
    return `Cannot use --http with --starttls ${given.starttls}: such servers do not speak HTTP; leave one out`;
  }
  if (given.roots !== undefined && !given.verify && !given.session) {
    return "Cannot use --roots without --verify or --session: nothing else looks at them; add one of the two";
  }
  if (given.jarm && given.starttls !== undefined) {
    return "Cannot use --jarm with --starttls: JARM is defined for servers that speak TLS at once; leave one out";
  }
  const unwritten = unwrittenByZgrab(given);
  if (given.format === "zgrab2" && unwritten !== undefined) {
    return `Cannot use ${unwritten} with --format zgrab2: ZGrab2's records have no place for it; leave one out`;
  }
  if (given.session) {
    const unused = wireOnlyFlag({ ...given, vlan: given.vlan ?? 0 });
    if (unused !== undefined) {
      return `Cannot use ${unused} with --session: a session goes through the kernel's sockets, which the kernel ` +
        "routes itself; leave one out";
    }
  }
}

/** Why what is to become of a log makes no sense; undefined when there is one, or nothing is asked. */
function logConflict(given: NewOptions): string | undefined {
  const { segmentBytes, gzip, graph, noGraph, graphWaitSeconds, format, output } = given;
  if (graph !== undefined && noGraph) {
    return "Cannot use --graph with --no-graph: one asks for a graph, one for none; leave one out";
  }
  const flag = segmentBytes !== undefined
    ? "--segment-size"
    : gzip
    ? "--gzip"
    : graph !== undefined
    ? "--graph"
    : graphWaitSeconds !== undefined
    ? "--graph-wait"
    : undefined;
  if (flag === undefined) return undefined;
  if (format !== undefined && format !== "log") {
    return `Cannot use ${flag} with --format ${format}: only a log has files and a graph; leave one out`;
  }
  if (output === "-") {
    return `Cannot use ${flag} with -o -: a stream has no files and no graph; leave one out`;
  }
}

/** What is asked for that ZGrab2's records cannot tell. */
function unwrittenByZgrab({ jarm, enumerate, session, http }: NewOptions): string | undefined {
  if (jarm) return "--jarm";
  if (enumerate) return "--enumerate";
  return session && http === undefined ? "--session without --http" : undefined;
}
