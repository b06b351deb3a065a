/**
 * What scans and sweeps are asked to do: the command line, checked and with its defaults filled in.
 *
 * @module
 */
import type { TransportName } from "../observe/mod.ts";
import type { FormatName } from "../results/mod.ts";
import type { PortRange } from "../targets/mod.ts";
import type { StartTlsProtocol, TlsMode } from "../tls/mod.ts";

/** After how many targets to stop: a count, or a share of the target set between 0 and 1. */
export type TargetLimit = { readonly count: number } | { readonly share: number };

/** The part number `index` (from 0) of `count` parts that a target set is divided into. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** What to probe, and in which order. */
export interface TargetOptions {
  /** As typed: addresses, CIDRs, ranges, host names, `@file`, `-`. Empty only when there is an allowlist. */
  readonly targets: readonly string[];
  /** A file of further targets. */
  readonly allowlist: string | undefined;
  /** Files of what is taken from the target set. */
  readonly blocklists: readonly string[];
  /** A file of which AS announces what; undefined where no target is an AS. */
  readonly asDatabase: string | undefined;
  /** Whether special-purpose addresses stay in the target set. */
  readonly includeSpecial: boolean;
  /** Sorted and disjoint. */
  readonly ports: readonly PortRange[];
  /** The only address family to probe; undefined for both. */
  readonly family: 4 | 6 | undefined;
  readonly maxTargets: TargetLimit | undefined;
  /** Verified hosts after which the sweep stops. */
  readonly maxResults: number | undefined;
  /** The share of the target set, above 0 and below 1, to draw at random and probe; undefined for all of it. */
  readonly sample: number | undefined;
  /** Of the permutation; undefined leaves it to chance. */
  readonly seed: number | undefined;
  /** `{ index: 0, count: 1 }` is the whole. */
  readonly shard: Shard;
  /** Where in the permutation to start: 0n, or where an earlier run with the same targets and seed ended. */
  readonly cursor: bigint;
}

/** How fast, and for how long. */
export interface PaceOptions {
  /** Probes per second. */
  readonly rate: number;
  /** Probes per second of the passes after the first; undefined for `rate`. */
  readonly retryRate: number | undefined;
  /** Bits of Ethernet frames per second, both directions, both layers. */
  readonly bandwidth: number | undefined;
  /** How long the sweep may send. */
  readonly maxRuntimeSeconds: number | undefined;
  /** How long to wait for answers after the last probe; `auto` follows the round trips that were seen. */
  readonly cooldownSeconds: number | "auto";
  /** How often a target that didn't answer is probed again. */
  readonly retries: number;
  /** The share of probes, between 0 and 1, below which hits mean that something is wrong; undefined for any. */
  readonly minHitRate: number | undefined;
  /** How long to wait for an interface that went down. */
  readonly linkTimeoutSeconds: number;
}

/** Through what. */
export interface NetworkOptions {
  readonly transport: "auto" | TransportName;
  /** Connections the kernel transport keeps open at once. */
  readonly concurrency: number;
  readonly interfaceName: string | undefined;
  /** As typed: addresses and CIDRs of either family, separated by commas. */
  readonly sourceAddresses: string | undefined;
  readonly sourcePorts: PortRange | undefined;
  /** Lower-case hexadecimal with colons. */
  readonly gatewayMac: string | undefined;
  /** The IEEE 802.1Q tag of every frame, 1 to 4094; 0 for none. */
  readonly vlan: number;
}

/** The order and content of a SYN's TCP options: those of an operating system, the segment size alone, or none. */
export type SynOptions = "linux" | "windows" | "bsd" | "mss" | "none";

/** What probes look like, and how answers are taken. */
export interface ProbeOptions {
  readonly synOptions: SynOptions;
  /** IPv4's time to live and IPv6's hop limit, 1 to 255. */
  readonly timeToLive: number;
  /** Whether a SYN-ACK that is not continued gets a RST. */
  readonly resets: boolean;
  /** Threads that read answers. */
  readonly readers: number;
  /** For the rings of all readers together; undefined leaves it to the packet plane. */
  readonly receiveMemoryBytes: number | undefined;
}

/** What comes out, as far as scans and sweeps have it in common. */
export interface ReportOptions {
  /** Print the targets in sending order, send nothing. */
  readonly dryRun: boolean;
  /** No progress, no summary. */
  readonly quiet: boolean;
  /** 0 errors only, 1 also warnings, 2 and 3 also what was decided, 4 and 5 for finding faults. */
  readonly verbosity: number;
}

/** What both are asked. */
export interface CommonOptions
  extends TargetOptions, PaceOptions, NetworkOptions, ProbeOptions, ReportOptions {}

/** Which server name to ask for at a target that was given none; `reverse` is what its address resolves to. */
export type ServerNamePolicy = "given" | "none" | "reverse" | { readonly name: string };

/** What verified hosts are asked. */
export interface AskOptions {
  readonly tls: TlsMode;
  readonly serverName: ServerNamePolicy;
  /** The protocol to speak before TLS; `auto` goes by the port, and undefined is none. */
  readonly starttls: StartTlsProtocol | "auto" | undefined;
  /** Whether to find out every version and suite that a server accepts. */
  readonly enumerate: boolean;
  readonly jarm: boolean;
  /** Whether to check chains, without asking anybody. */
  readonly verify: boolean;
  /** The file of trusted roots; undefined leaves it to Deno or the system. */
  readonly roots: string | undefined;
  /** Whether to hold a whole handshake behind the capture. */
  readonly session: boolean;
  /** The path to ask for within that session. */
  readonly http: string | undefined;
  /** Of one connection. */
  readonly captureTimeoutSeconds: number;
  /** What one connection may receive, in octets. */
  readonly captureBytes: number;
}

/** The graph that a run's log is folded into while it is written. */
export interface GraphOptions {
  /** Whether there is to be none. */
  readonly noGraph: boolean;
  /** The graph to add to; undefined for one in the run's folder. */
  readonly graph: string | undefined;
  /** How long the end of a scan waits until the rest of its log is in the graph. */
  readonly graphWaitSeconds: number;
}

/** What one scan is asked to do. */
export interface ScanOptions extends CommonOptions, AskOptions, GraphOptions {
  readonly format: "log" | "zgrab2";
  /**
   * Where records go, `-` for standard output: the folder of a log, or the file of another format. Undefined names the
   * folder after the run.
   */
  readonly output: string | undefined;
  /** After how many octets the log begins a new file; undefined leaves it to the log. */
  readonly segmentBytes: number | undefined;
  /** Whether the log's files are compressed once they are finished. */
  readonly gzip: boolean;
}

/** What one sweep is asked to do. */
export interface SweepOptions extends CommonOptions {
  /** A file, or `-` for standard output. */
  readonly output: string;
  readonly format: FormatName;
  /** Names of fields in the order of output; undefined leaves them to the format. */
  readonly fields: readonly string[] | undefined;
  /** The expression that a record must fulfil; undefined for every record. */
  readonly filter: string | undefined;
  /** The file of a line of counters each second. */
  readonly status: string | undefined;
  /** The file of what was asked, what was counted and how it ended. */
  readonly metadata: string | undefined;
}

/** The targets as typed, those of the allowlist as the file that they are read from. */
export function askedTargets({ targets, allowlist }: TargetOptions): readonly string[] {
  return allowlist === undefined ? targets : [...targets, `@${allowlist}`];
}

/** What says where raw frames leave from, and how. Sockets leave as the kernel routes them. */
export type WireOptions = Pick<
  NetworkOptions,
  "interfaceName" | "sourceAddresses" | "sourcePorts" | "gatewayMac" | "vlan"
>;

/** The flag of a given option that only the wire transport can obey; undefined when none was given. */
export function wireOnlyFlag(options: WireOptions): string | undefined {
  if (options.interfaceName !== undefined) return "--interface";
  if (options.sourceAddresses !== undefined) return "--source-ip";
  if (options.sourcePorts !== undefined) return "--source-port";
  if (options.gatewayMac !== undefined) return "--gateway-mac";
  if (options.vlan !== 0) return "--vlan";
  return undefined;
}
