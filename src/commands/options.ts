import {
  argument,
  extractOptionNames,
  type InferValue,
  type Message,
  message,
  multiple,
  object,
  optional,
  string,
  text,
} from "@optique/core";
import { findSimilar } from "@optique/core/suggestion";
import { type ScanOptions, type TargetLimit, wireOnlyFlag } from "../scan/options.ts";
import { formatPorts, parsePortRange, parsePorts } from "../targets/mod.ts";
import { setting, toggle } from "./setting.ts";
import { formatCount, parseCount, parseSeconds } from "./units.ts";
import {
  atMost,
  parseAddress,
  parseInterfaceName,
  parseMac,
  parsePath,
  parseTargetLimit,
  parseTransport,
  parseVerbosity,
  TRANSPORTS,
} from "./values.ts";

/** Probes per second above which `--yes-fast` is asked for. */
const FAST_RATE = 500_000;

const file = { metavar: "FILE", parse: parsePath, example: "file", completes: "path" } as const;
const count = {
  metavar: "COUNT",
  parse: (text: string) => parseCount(text),
  example: 1,
  format: formatCount,
} as const;

const targetOptions = object("What to scan", {
  targets: multiple(argument(string({ metavar: "TARGET", pattern: /^(?!-.)/ }), {
    description: message`An address, CIDR, range, host name, @file, or - for standard input.`,
    errors: { invalidValue: message`Cannot scan a target that starts with a dash: it looks like an option` },
  })),
  ports: setting(["-p", "--ports"], {
    metavar: "PORTS",
    description: "Ports and ranges of ports, such as 443,8440-8450; * for all.",
    parse: parsePorts,
    example: parsePorts("443"),
    format: formatPorts,
  }).withDefault(parsePorts("443")),
  blocklists: multiple(
    setting(["-b", "--blocklist"], { ...file, description: "Leave out what this file lists. Repeatable." }),
  ),
  allowlist: optional(
    setting(["-w", "--allowlist"], { ...file, description: "Scan what this file lists, besides TARGET." }),
  ),
  includeSpecial: toggle(
    ["--include-special"],
    "Keep special-purpose addresses (private, loopback, reserved).",
  ),
  maxTargets: optional(setting(["-n", "--max-targets"], {
    metavar: "LIMIT",
    description: "Probe only so many targets: a count, or a share such as 0.1%.",
    parse: parseTargetLimit,
    example: { count: 1 } as TargetLimit,
  })),
  maxResults: optional(
    setting(["-N", "--max-results"], { ...count, description: "Stop after so many verified hosts." }),
  ),
  retries: setting(["--retries"], {
    ...count,
    description: "Probe a silent target so many times more.",
    parse: (text) => atMost(parseCount(text, 0), 10),
  }).withDefault(0),
  seed: optional(setting(["--seed"], {
    metavar: "NUMBER",
    description: "Of the sending order: the same seed and targets give the same order.",
    parse: (text) => parseCount(text, 0),
    example: 0,
  })),
});

const paceOptions = object("How fast, how long", {
  rate: setting(["-r", "--rate"], {
    ...count,
    metavar: "RATE",
    description: "Probes per second, such as 500 or 20K.",
  }).withDefault(10_000),
  bandwidth: optional(setting(["-B", "--bandwidth"], {
    ...count,
    metavar: "BITS",
    description: "Bits per second, probes and captures, both directions, such as 20M.",
    parse: (text) => parseCount(text, 1000),
  })),
  yesFast: toggle(["--yes-fast"], `Allow a rate above ${formatCount(FAST_RATE)}.`),
  maxRuntimeSeconds: optional(setting(["-t", "--max-runtime"], {
    metavar: "SECONDS",
    description: "Stop sending after so long.",
    parse: (text) => parseSeconds(text, 0.001),
    example: 1,
  })),
  cooldownSeconds: setting(["-c", "--cooldown"], {
    metavar: "SECONDS",
    description: "Wait so long for answers after the last probe.",
    parse: parseSeconds,
    example: 8,
  }).withDefault(8),
  captureTimeoutSeconds: setting(["--capture-timeout"], {
    metavar: "SECONDS",
    description: "Give up on one host's certificate after so long.",
    parse: (text) => atMost(parseSeconds(text, 0.1), 600),
    example: 10,
  }).withDefault(10),
});

const networkOptions = object("Through what", {
  transport: setting<ScanOptions["transport"]>(["--transport"], {
    metavar: "NAME",
    description: "What carries bytes: wire (needs CAP_NET_RAW), kernel (sockets), or auto.",
    parse: parseTransport,
    example: "auto",
    completes: TRANSPORTS,
  }).withDefault("auto"),
  concurrency: optional(setting(["--concurrency"], {
    ...count,
    description: "Connections the kernel transport keeps open at once. [256]",
    parse: (text) => atMost(parseCount(text), 60_000),
  })),
  interfaceName: optional(setting(["-i", "--interface"], {
    metavar: "NAME",
    description: "Send through this interface.",
    parse: parseInterfaceName,
    example: "eth0",
  })),
  sourceAddress: optional(setting(["-S", "--source-ip"], {
    metavar: "ADDRESS",
    description: "Send from this address.",
    parse: parseAddress,
    example: "192.0.2.1",
  })),
  sourcePorts: optional(setting(["-s", "--source-port"], {
    metavar: "PORTS",
    description: "Send from this port or range of ports.",
    parse: parsePortRange,
    example: { first: 40_000, last: 40_000 },
  })),
  gatewayMac: optional(setting(["-G", "--gateway-mac"], {
    metavar: "MAC",
    description: "Send to this gateway without asking for its address.",
    parse: parseMac,
    example: "02:00:00:00:00:01",
  })),
});

const resultOptions = object("What comes out", {
  output: optional(setting(["-o", "--output"], {
    ...file,
    metavar: "FOLDER",
    description: "Where the log goes; - is standard output. [margay-RUN]",
  })),
  dryRun: toggle(["--dry-run"], "Print the targets in sending order, send nothing."),
  quiet: toggle(["-q", "--quiet"], "No progress and no summary."),
  verbosity: setting(["-v", "--verbosity"], {
    metavar: "LEVEL",
    description: "From 0 (errors only) to 5 (everything, stack traces too).",
    parse: parseVerbosity,
    example: 3,
  }).withDefault(3),
});

const sections = object(
  { targets: targetOptions, pace: paceOptions, network: networkOptions, results: resultOptions },
  { errors: { unexpectedInput } },
);

/** What comes of a command line that starts with `margay scan`. */
export type ScanInvocation =
  | { readonly kind: "scan"; readonly options: ScanOptions }
  /** Every value is well-formed alone, together they make no sense. */
  | { readonly kind: "refuse"; readonly message: string };

/** Reads what follows `margay scan`. */
export const scanInvocation = sections.map(({ targets, pace, network, results }) =>
  checkOptions({ ...targets, ...pace, ...network, ...results })
);

type GivenOptions =
  & InferValue<typeof targetOptions>
  & InferValue<typeof paceOptions>
  & InferValue<typeof networkOptions>
  & InferValue<typeof resultOptions>;

function checkOptions({ yesFast, ...given }: GivenOptions): ScanInvocation {
  const conflict = conflictOf(given, yesFast);
  if (conflict) return { kind: "refuse", message: conflict };
  return { kind: "scan", options: { ...given, concurrency: given.concurrency ?? 256 } };
}

function conflictOf(given: Omit<GivenOptions, "yesFast">, yesFast: boolean): string | undefined {
  if (given.targets.length === 0 && given.allowlist === undefined) {
    return "Cannot scan without a target: name an address, CIDR, range, host name or @file, or give -w FILE";
  }
  if (given.rate > FAST_RATE && !yesFast) {
    return `Cannot send ${formatCount(given.rate)} probes/s: more than ${formatCount(FAST_RATE)} can hurt ` +
      "networks on the way; lower --rate, or add --yes-fast if yours can take it";
  }
  if (given.transport === "kernel") {
    const unused = wireOnlyFlag(given);
    if (unused !== undefined) {
      return `Cannot use ${unused} with --transport kernel: the kernel routes its sockets itself; leave one out`;
    }
  }
  if (given.transport === "wire" && given.concurrency !== undefined) {
    return "Cannot use --concurrency with --transport wire: it bounds the kernel transport's sockets; leave one out";
  }
  if (given.dryRun && given.output !== undefined) {
    return "Cannot use --output with --dry-run: a dry run prints targets and writes no log; leave one out";
  }
}

/** The words for an option that doesn't exist, with what was probably meant. */
function unexpectedInput(token: string): Message {
  const names = extractOptionNames(sections.usage);
  const short = token.slice(0, 2);
  const similar = findSimilar(token.replace(/=.*/s, ""), names, { maxSuggestions: 1 });
  const hint = token.length > 2 && !token.startsWith("--") && names.has(short)
    ? `a short option and its value need a space between; write ${short} ${token.slice(2).replace(/^=/, "")}`
    : similar.length > 0
    ? `there is no such option; did you mean ${similar[0]}?`
    : "there is no such option; margay scan --help lists them";
  return message`${text(`Cannot use ${token}: ${hint}`)}`;
}
