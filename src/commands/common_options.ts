/**
 * The options that `margay scan` and `margay sweep` have in common, section by section of their help.
 *
 * @module
 */
import {
  argument,
  extractOptionNames,
  type Message,
  message,
  multiple,
  optional,
  type Parser,
  string,
  text,
} from "@optique/core";
import { findSimilar } from "@optique/core/suggestion";
import {
  type CommonOptions,
  type NetworkOptions,
  type Shard,
  type SynOptions,
  type TargetLimit,
  wireOnlyFlag,
} from "../scan/options.ts";
import { formatPorts, parsePortRange, parsePorts } from "../targets/mod.ts";
import { formatCount } from "../text/mod.ts";
import { setting, toggle, withStandard } from "./setting.ts";
import { formatBytes, parseCount, parseSeconds } from "./units.ts";
import {
  atMost,
  parseCooldown,
  parseInterfaceName,
  parseMac,
  parsePath,
  parseShard,
  parseShare,
  parseSourceAddresses,
  parseTargetLimit,
  parseVerbosity,
  SYN_OPTIONS,
  TRANSPORTS,
  wordParser,
} from "./values.ts";

/** Probes per second above which `--yes-fast` is asked for. */
const FAST_RATE = 500_000;

/** The options that have something standing for them where they are not given. */
type Standing =
  | ("ports" | "shard" | "retries" | "rate" | "linkTimeoutSeconds" | "transport" | "concurrency" | "vlan")
  | ("synOptions" | "timeToLive" | "readers" | "verbosity");

/** What stands for `--concurrency`. */
export const CONCURRENCY = 256;

const STANDARDS: Pick<CommonOptions, Standing> = {
  ports: parsePorts("443"),
  shard: { index: 0, count: 1 },
  retries: 0,
  rate: 10_000,
  linkTimeoutSeconds: 60,
  transport: "auto",
  concurrency: CONCURRENCY,
  vlan: 0,
  synOptions: "linux",
  timeToLive: 64,
  readers: 1,
  verbosity: 3,
};

/** The name of a file. */
export const file = { metavar: "FILE", parse: parsePath, example: "file", completes: "path" } as const;

/** A number of things. */
export const count = {
  metavar: "COUNT",
  parse: (text: string) => parseCount(text),
  example: 1,
  format: formatCount,
} as const;

/** What to probe. */
export const targetSettings = {
  targets: multiple(argument(string({ metavar: "TARGET", pattern: /^(?!-.)/ }), {
    description:
      message`An address, CIDR, range, host name or AS, also with :PORT and ,SERVERNAME; @FILE; - for standard input.`,
    errors: { invalidValue: message`Cannot scan a target that starts with a dash: it looks like an option` },
  })),
  ports: withStandard(
    formatPorts(STANDARDS.ports),
    setting(["-p", "--ports"], {
      metavar: "PORTS",
      description: "Ports and ranges of ports, such as 443,8440-8450; * for all.",
      parse: parsePorts,
      example: parsePorts("443"),
      format: formatPorts,
    }),
  ),
  blocklists: multiple(
    setting(["-b", "--blocklist"], { ...file, description: "Leave out what this file lists. Repeatable." }),
  ),
  allowlist: optional(
    setting(["-w", "--allowlist"], { ...file, description: "Probe what this file lists, besides TARGET." }),
  ),
  asDatabase: optional(setting(["--asn-db"], {
    ...file,
    description: "Which AS announces what, for targets such as AS64500: CSV, pfx2as or MMDB.",
  })),
  includeSpecial: toggle(
    ["--include-special"],
    "Keep special-purpose addresses (private, loopback, reserved).",
  ),
  ipv4Only: toggle(["-4", "--ipv4"], "Only IPv4 addresses."),
  ipv6Only: toggle(["-6", "--ipv6"], "Only IPv6 addresses."),
  maxTargets: optional(setting(["-n", "--max-targets"], {
    metavar: "LIMIT",
    description: "Stop after so many targets: a count, or a share of them such as 0.1%.",
    parse: parseTargetLimit,
    example: { count: 1 } as TargetLimit,
  })),
  sample: optional(setting(["--sample"], {
    metavar: "SHARE",
    description: "Probe only this share of the targets, such as 0.1%, drawn at random.",
    parse: parseShare,
    example: 0.001,
  })),
  shard: optional(setting<Shard>(["--shard"], {
    metavar: "NUMBER/COUNT",
    description: "Probe one part of several, such as 1/3; the others are for other machines. Needs --seed.",
    parse: parseShard,
    example: { index: 0, count: 1 },
  })),
  retries: withStandard(
    String(STANDARDS.retries),
    setting(["--retries"], {
      ...count,
      description: "Probe targets that keep silent so many times more.",
      parse: (text) => atMost(parseCount(text, 0), 10),
    }),
  ),
  seed: optional(setting(["-e", "--seed"], {
    metavar: "NUMBER",
    description: "Fix the sending order: the same seed and targets give the same order.",
    parse: (text) => parseCount(text, 0),
    example: 0,
  })),
};

/** How fast, how long. */
export const paceSettings = {
  rate: withStandard(
    formatCount(STANDARDS.rate),
    setting(["-r", "--rate"], {
      ...count,
      metavar: "RATE",
      description: "Probes per second, such as 500 or 20K.",
    }),
  ),
  bandwidth: optional(setting(["-B", "--bandwidth"], {
    ...count,
    metavar: "BITS",
    description: "Bits per second, everything sent and received, such as 20M.",
    parse: (text) => parseCount(text, 1000),
  })),
  yesFast: toggle(["--yes-fast"], `Allow a rate above ${formatCount(FAST_RATE)}.`),
  maxRuntimeSeconds: optional(setting(["-t", "--max-runtime"], {
    metavar: "SECONDS",
    description: "Stop sending after so long.",
    parse: (text) => parseSeconds(text, 0.001),
    example: 1,
  })),
  linkTimeoutSeconds: withStandard(
    String(STANDARDS.linkTimeoutSeconds),
    setting(["--link-timeout"], {
      metavar: "SECONDS",
      description: "Give up when an interface stays down for so long.",
      parse: parseSeconds,
      example: 60,
    }),
  ),
};

/** How long to wait for late answers. */
export function cooldownSetting(standard: number | "auto") {
  const cooldown = setting<number | "auto">(["-c", "--cooldown"], {
    metavar: "SECONDS",
    description: "Wait so long for answers after the last probe; auto: until no more are likely.",
    parse: parseCooldown,
    example: "auto",
  });
  return withStandard(String(standard), cooldown);
}

/** Through what. */
export const networkSettings = {
  transport: withStandard(
    STANDARDS.transport,
    setting<NetworkOptions["transport"]>(["--transport"], {
      metavar: "NAME",
      description: "What carries bytes: wire (needs CAP_NET_RAW), kernel (sockets), or auto.",
      parse: wordParser(TRANSPORTS),
      example: "auto",
      completes: TRANSPORTS,
    }),
  ),
  concurrency: optional(setting(["--concurrency"], {
    ...count,
    description: `Connections the kernel transport keeps open at once. [${CONCURRENCY}]`,
    parse: (text) => atMost(parseCount(text), 60_000),
  })),
  interfaceName: optional(setting(["-i", "--interface"], {
    metavar: "NAME",
    description: "Send through this interface.",
    parse: parseInterfaceName,
    example: "eth0",
  })),
  sourceAddresses: optional(setting(["-S", "--source-ip"], {
    metavar: "ADDRESSES",
    description: "Send from these addresses and CIDRs, such as 192.0.2.1,192.0.2.8/29.",
    parse: parseSourceAddresses,
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
    description: "Send to the gateway that has this MAC address, without asking for it.",
    parse: parseMac,
    example: "02:00:00:00:00:01",
  })),
  vlan: optional(setting(["--vlan"], {
    metavar: "NUMBER",
    description: "Put every frame into this VLAN (IEEE 802.1Q).",
    parse: (text) => atMost(parseCount(text), 4094),
    example: 1,
  })),
  synOptions: withStandard(
    STANDARDS.synOptions,
    setting<SynOptions>(["--syn-options"], {
      metavar: "NAME",
      description: "The TCP options of a probe, as linux, windows or bsd send them; mss alone, or none.",
      parse: wordParser(SYN_OPTIONS),
      example: "linux",
      completes: SYN_OPTIONS,
    }),
  ),
  timeToLive: withStandard(
    String(STANDARDS.timeToLive),
    setting(["--ttl"], {
      metavar: "HOPS",
      description: "The time to live of a probe.",
      parse: (text) => atMost(parseCount(text), 255),
      example: 64,
    }),
  ),
  readers: withStandard(
    String(STANDARDS.readers),
    setting(["--readers"], {
      ...count,
      description: "Threads that read answers.",
      parse: (text) => atMost(parseCount(text), 64),
    }),
  ),
  receiveMemoryBytes: optional(setting(["--receive-memory"], {
    metavar: "BYTES",
    description: "Memory for answers that wait to be read, in all. [20 MiB for each reader and interface]",
    parse: (text) => parseCount(text, 1_000_000),
    example: 1_000_000,
    format: formatBytes,
  })),
};

/** What comes out. */
export const reportSettings = {
  dryRun: toggle(["--dry-run"], "Print the targets in sending order, send nothing."),
  quiet: toggle(["-q", "--quiet"], "No warnings, no progress, no summary: errors only."),
  verbosity: withStandard(
    String(STANDARDS.verbosity),
    setting(["-v", "--verbosity"], {
      metavar: "LEVEL",
      description: "0: errors only; 1: warnings too; 2 to 4: progress and summary too; 5: stack traces too.",
      parse: parseVerbosity,
      example: 3,
    }),
  ),
};

/** Values of which each may not have been given. */
type Given<Values> = { readonly [Key in keyof Values]: Values[Key] | undefined };

/** What was given, else what stands for it. */
export function orStandards<Values extends object>(given: Given<Values>, standards: Values): Values {
  const names = Object.keys(standards) as (keyof Values)[];
  return Object.fromEntries(names.map((name) => [name, given[name] ?? standards[name]])) as Values;
}

/** What the settings above give, as far as something stands for them or they can contradict each other. */
interface CommonSettings
  extends Omit<NetworkOptions, "transport" | "concurrency" | "vlan">, Given<Pick<CommonOptions, Standing>> {
  readonly targets: readonly string[];
  readonly allowlist: string | undefined;
  readonly ipv4Only: boolean;
  readonly ipv6Only: boolean;
  readonly yesFast: boolean;
  readonly seed: number | undefined;
  readonly output: string | undefined;
  readonly dryRun: boolean;
}

/** Options in the form that scans and sweeps take them: what stands for "not given" filled in. */
export function commonOptions<Settings extends CommonSettings>(given: Settings) {
  const { yesFast: _, ipv4Only, ipv6Only, ...options } = given;
  return {
    ...options,
    ...orStandards(given, STANDARDS),
    family: ipv4Only ? 4 as const : ipv6Only ? 6 as const : undefined,
  };
}

/** Why options make no sense together; undefined when they do. */
export function commonConflict(command: "scan" | "sweep", given: CommonSettings): string | undefined {
  if (given.targets.length === 0 && given.allowlist === undefined) {
    return `Cannot ${command} without a target: name an address, CIDR, range, host name, AS or @file, or give -w FILE`;
  }
  if (given.ipv4Only && given.ipv6Only) {
    return "Cannot use --ipv4 with --ipv6: nothing is both; leave both out for either";
  }
  if (given.shard !== undefined && given.shard.count > 1 && given.seed === undefined) {
    return "Cannot use --shard without --seed: parts fit together only in one order; " +
      "give every machine the same --seed";
  }
  if (given.rate !== undefined && given.rate > FAST_RATE && !given.yesFast) {
    return `Cannot send ${formatCount(given.rate)} probes/s: more than ${formatCount(FAST_RATE)} can hurt ` +
      "networks on the way; lower --rate, or add --yes-fast if yours can take it";
  }
  if (given.transport === "kernel") {
    const unused = wireOnlyFlag({ ...given, vlan: given.vlan ?? 0 });
    if (unused !== undefined) {
      return `Cannot use ${unused} with --transport kernel: the kernel routes its sockets itself; leave one out`;
    }
  }
  if (given.transport === "wire" && given.concurrency !== undefined) {
    return "Cannot use --concurrency with --transport wire: it bounds the kernel transport's sockets; leave one out";
  }
  if (given.dryRun && given.output !== undefined) {
    return "Cannot use --output with --dry-run: a dry run prints targets and nothing else; leave one out";
  }
}

/** The words for an option that `command` doesn't have, with what was probably meant. */
export function unexpectedInput(
  command: string,
  usage: Parser["usage"],
  token: string,
): Message {
  const names = extractOptionNames(usage);
  const short = token.slice(0, 2);
  const similar = findSimilar(token.replace(/=.*/s, ""), names, { maxSuggestions: 1 });
  const hint = token.length > 2 && !token.startsWith("--") && names.has(short)
    ? `a short option and its value need a space between; write ${short} ${token.slice(2).replace(/^=/, "")}`
    : similar.length > 0
    ? `there is no such option; did you mean ${similar[0]}?`
    : `there is no such option; margay ${command} --help lists them`;
  return message`${text(`Cannot use ${token}: ${hint}`)}`;
}
