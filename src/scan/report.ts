import type { TransportName } from "../observe/mod.ts";
import type { Exclusion } from "../targets/mod.ts";

/** How far a scan has come. Every number only grows. */
export interface ScanCounters {
  /** Targets in the target set, after `--max-targets`. */
  readonly targets: number;
  /** Probes sent: one for each target if nothing stops the scan, and those of the passes behind the first. */
  readonly sent: number;
  /** Targets that no probe was sent to: no neighbour answers for them, or no route leads there. */
  readonly passedOver: number;
  /** Targets that answered, by verdict. Silence (`filtered`) is what is left when the scan is over. */
  readonly open: number;
  readonly closed: number;
  readonly unreachable: number;
  /** Open targets whose SYN-ACK echoed the run's cookie, or that the kernel connected. */
  readonly verified: number;
  /** Captures that ended, by outcome. */
  readonly captures: Readonly<Record<string, number>>;
  /** Chains that were checked offline, and sessions that were held, by verdict. */
  readonly verifications: Readonly<Record<string, number>>;
  readonly sessions: Readonly<Record<string, number>>;
  /** Certificates received, each as often as it was served; and how many different ones. */
  readonly certificates: number;
  readonly uniqueCertificates: number;
  /** Octets of Ethernet frames, both layers. */
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** Frames the interface refused. */
  readonly sendDrops: number;
  /** Frames the kernel dropped before the packet plane read them. */
  readonly receiveDrops: number;
  readonly elapsedMs: number;
}

/** What carried bytes to how many targets, and why it was chosen: `routed through 192.0.2.1 on eth0`. */
export interface TransportUse {
  readonly name: TransportName;
  readonly targets: number;
  readonly reason: string;
}

/** How the builder of a graph was left. `behind`: it goes on by itself; `killed`: by somebody's signal. */
export type GraphEnd =
  | { readonly state: "complete" | "behind" | "killed" }
  | { readonly state: "failed"; readonly reason: string };

/** What became of the graph that was built beside a scan. */
export interface GraphReport {
  readonly path: string;
  /** The file of `--asn-db`. */
  readonly asDatabase: string | undefined;
  readonly end: GraphEnd;
  /** What changed since the runs that the graph knew before, in words; undefined where it knew none. */
  readonly history: string | undefined;
}

/** What a scan tells at its end. */
export interface ScanReport {
  readonly runId: string;
  /** Whether the counters are those of several processes: what was asked again by a later one counts again. */
  readonly isResumed: boolean;
  readonly outcome: "done" | "limit" | "interrupted" | "failed";
  /** The targets as typed. */
  readonly asked: readonly string[];
  /** What the target set leaves out of it. */
  readonly exclusions: readonly Exclusion[];
  readonly transports: readonly TransportUse[];
  readonly counters: ScanCounters;
  /** The run's folder; undefined when the observations went to standard output. */
  readonly log: string | undefined;
  /** Undefined where none was asked for. */
  readonly graph: GraphReport | undefined;
  /** The folder of a run that is not done and can be gone on with. */
  readonly resumable: string | undefined;
  /** What the user should know besides: one sentence each. */
  readonly notes: readonly string[];
}
