import type { TransportName } from "../observe/mod.ts";
import type { PortRange } from "../targets/mod.ts";

/** After how many targets to stop: a count, or a share of the target set between 0 and 1. */
export type TargetLimit = { readonly count: number } | { readonly share: number };

/** What one scan is asked to do: the command line, checked and with its defaults filled in. */
export interface ScanOptions {
  /** As typed: addresses, CIDRs, ranges, host names, `@file`, `-`. Empty only when there is an allowlist. */
  readonly targets: readonly string[];
  /** A file of further targets. */
  readonly allowlist: string | undefined;
  /** Files of what is taken from the target set. */
  readonly blocklists: readonly string[];
  /** Whether special-purpose addresses stay in the target set. */
  readonly includeSpecial: boolean;
  /** Sorted and disjoint. */
  readonly ports: readonly PortRange[];
  readonly maxTargets: TargetLimit | undefined;
  /** Verified hosts after which the sweep stops. */
  readonly maxResults: number | undefined;
  /** How long the sweep may send. */
  readonly maxRuntimeSeconds: number | undefined;
  /** How long to wait for answers after the last probe. */
  readonly cooldownSeconds: number;
  /** How often a target that didn't answer is probed again. */
  readonly retries: number;
  /** Of the permutation; undefined leaves it to chance. */
  readonly seed: number | undefined;
  /** Probes per second. */
  readonly rate: number;
  /** Bits of Ethernet frames per second, both directions, both layers. */
  readonly bandwidth: number | undefined;
  readonly transport: "auto" | TransportName;
  /** Connections the kernel transport keeps open at once. */
  readonly concurrency: number;
  readonly captureTimeoutSeconds: number;
  readonly interfaceName: string | undefined;
  readonly sourceAddress: string | undefined;
  readonly sourcePorts: PortRange | undefined;
  /** Lower-case hexadecimal with colons. */
  readonly gatewayMac: string | undefined;
  /** The run's folder, or `-` for standard output; undefined names the folder after the run. */
  readonly output: string | undefined;
  /** Print the targets in sending order, send nothing. */
  readonly dryRun: boolean;
  /** No progress, no summary. */
  readonly quiet: boolean;
  /** 0 errors only, 1 also warnings, 2 and 3 also what was decided, 4 and 5 for finding faults. */
  readonly verbosity: number;
}

/** The targets as typed, those of the allowlist as the file that they are read from. */
export function askedTargets({ targets, allowlist }: ScanOptions): readonly string[] {
  return allowlist === undefined ? targets : [...targets, `@${allowlist}`];
}

/** What says where raw frames leave from. Sockets leave as the kernel routes them. */
export type WireOptions = Pick<ScanOptions, "interfaceName" | "sourceAddress" | "sourcePorts" | "gatewayMac">;

/** The flag of a given option that only the wire transport can obey; undefined when none was given. */
export function wireOnlyFlag(options: WireOptions): string | undefined {
  if (options.interfaceName !== undefined) return "--interface";
  if (options.sourceAddress !== undefined) return "--source-ip";
  if (options.sourcePorts !== undefined) return "--source-port";
  if (options.gatewayMac !== undefined) return "--gateway-mac";
  return undefined;
}
