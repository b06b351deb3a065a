import type { RunObservation } from "../observe/mod.ts";
import { UsageError } from "../scan/errors.ts";
import type { ScanOptions } from "../scan/options.ts";
import { formatPorts, type PortRange } from "../targets/mod.ts";
import { printable, snakeCase } from "../text/mod.ts";
import { CONCURRENCY } from "./common_options.ts";
import { recordedOptions } from "./recorded_options.ts";
import { checkOptions, type GivenOptions, parseScanArguments } from "./scan_options.ts";

/** What a run's record holds of an option, as arguments that would give it: none where it was not given. */
interface Recorded {
  readonly arguments: (value: never) => readonly string[];
  /** Whether it decides what is asked, and of whom: it is the same for all processes of a run. */
  readonly isAsked: boolean;
}

type ArgumentsOf = (flag: string) => Recorded["arguments"];

const text: ArgumentsOf = (flag) => (value: string | number) => [flag, String(value)];
const toggle: ArgumentsOf = (flag) => (value: boolean) => value ? [flag] : [];
const ports: ArgumentsOf = (flag) => (value: readonly PortRange[]) => [flag, formatPorts(value)];
const each: ArgumentsOf = (flag) => (values: readonly string[]) => values.flatMap((value) => [flag, value]);

const limit: ArgumentsOf = (flag) => (value: { readonly count?: number; readonly share?: number }) => [
  flag,
  value.share === undefined ? String(value.count) : shareText(value.share),
];

const asked = (args: Recorded["arguments"]): Recorded => ({ arguments: args, isAsked: true });
const free = (args: Recorded["arguments"]): Recorded => ({ arguments: args, isAsked: false });

/** What no scan can be asked for, is decided by where the run's folder is, or is about one process and its terminal. */
const UNASKED = [
  ...["cursor", "resets", "retryRate", "minHitRate"] as const,
  ...["output", "dryRun", "quiet", "verbosity"] as const,
];

/** Every option that a scan's record holds. */
const OPTIONS: Readonly<Record<Exclude<keyof ScanOptions, typeof UNASKED[number]>, Recorded>> = {
  targets: asked((values: readonly string[]) => values),
  allowlist: asked(text("--allowlist")),
  blocklists: asked(each("--blocklist")),
  asDatabase: asked(text("--asn-db")),
  includeSpecial: asked(toggle("--include-special")),
  ports: asked(ports("--ports")),
  family: asked((family: number) => [`--ipv${family}`]),
  maxTargets: asked(limit("--max-targets")),
  maxResults: asked(text("--max-results")),
  sample: asked((share: number) => ["--sample", shareText(share)]),
  shard: asked(({ index, count }: ScanOptions["shard"]) => ["--shard", `${index + 1}/${count}`]),
  retries: asked(text("--retries")),
  seed: asked(text("--seed")),
  tls: asked(text("--tls")),
  serverName: asked((policy: string | { readonly name: string }) => [
    "--sni",
    typeof policy === "object" ? policy.name : policy,
  ]),
  starttls: asked(text("--starttls")),
  captureTimeoutSeconds: asked(text("--capture-timeout")),
  captureBytes: asked(text("--capture-bytes")),
  verify: asked(toggle("--verify")),
  roots: asked(text("--roots")),
  session: asked(toggle("--session")),
  http: asked(text("--http")),
  jarm: asked(toggle("--jarm")),
  enumerate: asked(toggle("--enumerate")),
  format: asked(text("--format")),
  // Whoever was allowed to send so fast once is allowed to again.
  rate: free((rate: number) => ["--rate", String(rate), "--yes-fast"]),
  bandwidth: free(text("--bandwidth")),
  maxRuntimeSeconds: free(text("--max-runtime")),
  linkTimeoutSeconds: free(text("--link-timeout")),
  cooldownSeconds: free(text("--cooldown")),
  transport: free(text("--transport")),
  // What stands for those two when they are not given cannot be given.
  concurrency: free((count: number) => count === CONCURRENCY ? [] : ["--concurrency", String(count)]),
  vlan: free((number: number) => number === 0 ? [] : ["--vlan", String(number)]),
  interfaceName: free(text("--interface")),
  sourceAddresses: free(text("--source-ip")),
  sourcePorts: free((range: PortRange) => ["--source-port", formatPorts([range])]),
  gatewayMac: free(text("--gateway-mac")),
  synOptions: free(text("--syn-options")),
  timeToLive: free(text("--ttl")),
  readers: free(text("--readers")),
  receiveMemoryBytes: free(text("--receive-memory")),
  segmentBytes: free(text("--segment-size")),
  gzip: free(toggle("--gzip")),
  graph: free(text("--graph")),
  noGraph: free(toggle("--no-graph")),
  graphWaitSeconds: free(text("--graph-wait")),
};

/** The same by their names in the record. */
const RECORDED: ReadonlyMap<string, Recorded> = new Map(
  Object.entries(OPTIONS).map(([name, recorded]) => [snakeCase(name), recorded]),
);

const UNRECORDED: ReadonlySet<string> = new Set(UNASKED.map(snakeCase));

/**
 * What a run is gone on with: what it was asked for, and what was given now as far as it may differ.
 *
 * @throws {UsageError} for what was given and contradicts the run, each difference named.
 */
export function resumedOptions(folder: string, run: RunObservation, given: GivenOptions): ScanOptions {
  const then: Record<string, unknown> = { ...run.config, seed: run.seed };
  const now = recordedOptions({ ...given, family: given.ipv4Only ? 4 : given.ipv6Only ? 6 : undefined });
  const differences = [...RECORDED].flatMap(([name, { isAsked }]) => {
    if (!isAsked || !isGiven(now[name])) return [];
    const [wanted, was] = [now, then].map((values) => argumentsOf(folder, name, values[name]).join(" "));
    return wanted === was ? [] : [difference(name, wanted!, was!)];
  });
  if (differences.length > 0) {
    throw new UsageError(
      `Cannot resume ${folder}: ${differences.join(", ")}; leave that out, or start another scan`,
    );
  }
  const recorded = parseScanArguments(
    Object.entries(then).flatMap(([name, value]) => {
      return UNRECORDED.has(name) ? [] : argumentsOf(folder, name, value);
    }),
  );
  if ("reason" in recorded) throw damaged(folder, recorded.reason);
  const givenNow = Object.entries(given).filter(([, value]) => isGiven(value));
  const invocation = checkOptions({ ...recorded, ...Object.fromEntries(givenNow) });
  if (invocation.kind === "refuse") throw new UsageError(invocation.message);
  if (invocation.kind === "resume") throw damaged(folder, "it is asked to resume itself");
  return invocation.options;
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0);
}

function argumentsOf(folder: string, name: string, value: unknown): readonly string[] {
  const recorded = RECORDED.get(name);
  if (recorded === undefined) throw damaged(folder, `${name} is no option of this margay`);
  if (!isGiven(value)) return [];
  try {
    // What is not of the type that it should be comes out as text that the command line refuses.
    return recorded.arguments(value as never).map(String);
  } catch (error) {
    throw damaged(folder, `${name} is not what a run writes`, error);
  }
}

function difference(name: string, wanted: string, was: string): string {
  const shown = name === "targets" ? `the targets ${wanted}` : wanted;
  if (was === "") return `${shown} was not given`;
  const value = was.replace(/^--\S+ /, "");
  return `${shown} ${name === "targets" ? "were" : "was"} ${value}`;
}

function damaged(folder: string, reason: string, cause?: unknown): Error {
  return new Error(
    `Cannot resume ${folder}: its record of what was asked for cannot be read: ${printable(reason)}`,
    {
      cause,
    },
  );
}

/** `0.1%` of a part of 1, without a division: the nearest number to 100 times 0.011 is not 1.1. */
function shareText(share: number): string {
  return `${Number(`${share}e2`)}%`;
}
