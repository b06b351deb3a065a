import type { WalkProgress } from "../../ffi/mod.ts";
import type { Host, Transport } from "../transport/mod.ts";
import type { Target } from "./target_feed.ts";

/** What the log says of a verified host beside its address. */
export interface HostDetails {
  readonly timeToLive?: number;
  readonly window?: number;
  readonly roundTripMs?: number;
}

/** A verified host with everything its lane needs to go on with it. */
export interface LaneHost {
  readonly host: Host;
  readonly addressNumber: bigint;
  readonly details: HostDetails;
}

export interface LaneCounters {
  readonly probesSent: number;
  /** Targets that no probe was sent to: no neighbour answers for them, or no route leads there. */
  readonly passedOver: number;
  readonly verified: number;
  readonly closed: number;
  readonly unreachable: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly sendDrops: number;
  readonly receiveDrops: number;
}

/** Who hears what a sweep comes to. */
export interface SweepEvents {
  /** A verified host, each once. */
  host(found: LaneHost): void;
  /** There may be room for another connection, though none has ended. */
  room?(): void;
}

/**
 * One way from targets to verified hosts: a sweep and the transport that goes on where it left off. A scan runs its
 * lanes side by side on one budget.
 */
export interface Lane {
  readonly transport: Transport;
  /** Whether another connection can be opened now. */
  readonly hasRoom: boolean;
  /**
   * Probes the targets. Resolves when every probe has been answered or given up; rejects when probes cannot be sent any
   * more.
   */
  sweep(events: SweepEvents): Promise<void>;
  /** Whether it has yet to ask targets that it did not ask, or not as often as it is to. */
  readonly isAsking: boolean;
  /**
   * How far its walk has come: once this resolves, every host in front of that place was told of. Undefined
   * where another lane's walk says it, and where it is not known.
   */
  progress(): Promise<WalkProgress | undefined>;
  /** Targets that its walk does not meet again, and whose outcome is not known. */
  readonly unsettled: readonly Target[];
  /** A verified host has left the queue: it was opened or rejected. */
  settle(): void;
  /** Sends no further probe. Late answers are still taken until the sweep resolves. */
  stopSending(): void;
  counters(): LaneCounters;
  /** Leaves every connection and releases everything. */
  dispose(): Promise<void>;
}
