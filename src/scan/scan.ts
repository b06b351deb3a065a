import { Control } from "../../ffi/mod.ts";
import { Admission, Governor, type Reservation } from "../governor/mod.ts";
import {
  type HostObservation,
  type Observation,
  type ObservationSink,
  OutputClosedError,
  timestamp,
} from "../observe/mod.ts";
import type { TargetSet } from "../targets/mod.ts";
import { PRELUDE_BYTES_MAX } from "../tls/mod.ts";
import type { Trust } from "../tls/session/mod.ts";
import type { Connection } from "../transport/mod.ts";
import type { ChainVerifier } from "../x509/verify/mod.ts";
import { CaptureTally } from "./capture_tally.ts";
import { extentOf } from "./extent.ts";
import { HostConnections } from "./host_connections.ts";
import { KernelLane } from "./kernel_lane.ts";
import { kernelTargets } from "./kernel_targets.ts";
import type { Lane, LaneHost } from "./lane.ts";
import type { Recorder } from "./finding.ts";
import { LogRecorder } from "./log_recorder.ts";
import type { ScanOptions } from "./options.ts";
import type { SweepPlan } from "./plan.ts";
import type { ScanCounters } from "./report.ts";
import { reverseLookup } from "./server_name_choice.ts";
import { Sessions } from "./sessions.ts";
import { TargetFeed } from "./target_feed.ts";
import { visit, type VisitSetup } from "./visit.ts";
import { WireLane } from "./wire_lane.ts";
import { ZgrabRecorder } from "./zgrab_recorder.ts";

export interface ScanSetup {
  readonly plan: SweepPlan;
  readonly targets: TargetSet;
  readonly options: ScanOptions;
  readonly seed: bigint;
  readonly sink: ObservationSink;
  readonly trust: TrustSetup;
  /** False for tests only: the kernel then resets what it does not know. */
  readonly guarded?: boolean;
}

/** Whom to trust, where that was asked. */
export interface TrustSetup {
  /** Judges chains offline. */
  readonly verifier: ChainVerifier | undefined;
  /** What sessions are judged by. */
  readonly session: Trust | undefined;
}

export type ScanOutcome =
  /** `unread`: whoever read the observations has left. */
  | { readonly reason: "done" | "interrupted" | "unread" }
  | { readonly reason: "failed"; readonly error: Error };

/** How often what was seen is handed to the operating system when little is seen. */
const FLUSH_INTERVAL_MS = 1_000;

/** How long connections are given to leave when a scan is broken off. */
const LEAVE_TIMEOUT_MS = 300;

/** One run: the loop from targets to observations. */
export class Scan {
  readonly #setup: ScanSetup;
  readonly #lanes: readonly Lane[];
  readonly #targets: number;
  readonly #tally = new CaptureTally();
  readonly #open = new Set<Connection>();
  readonly #stopped = Promise.withResolvers<void>();
  readonly #startedAt = performance.now();
  readonly #admission: Admission;
  readonly #recorder: Recorder;
  readonly #sessions: Sessions | undefined;
  readonly #visitSetup: VisitSetup;
  #visits = 0;
  #isFlushing = false;
  #isIdle: (() => void) | undefined;
  #verified = 0;
  #outcome: ScanOutcome | undefined;

  private constructor(setup: ScanSetup, lanes: readonly Lane[], targets: number, governor: Governor) {
    this.#setup = setup;
    this.#lanes = lanes;
    this.#targets = targets;
    this.#admission = new Admission(
      governor,
      () => !this.#setup.sink.full && this.#lanes.every((lane) => lane.hasRoom),
    );
    const { options, trust } = setup;
    const record = (line: Observation | string) => this.#record(line);
    this.#recorder = options.format === "zgrab2"
      ? new ZgrabRecorder(record, options.http)
      : new LogRecorder(record, options.http);
    this.#sessions = trust.session && new Sessions(trust.session, options, this.#admission, governor);
    this.#visitSetup = {
      options,
      recorder: this.#recorder,
      tally: this.#tally,
      verifier: trust.verifier,
      lookUp: reverseLookup,
      holdSession: this.#sessions && ((finding) => this.#sessions!.hold(finding)),
    };
  }

  /** Reserves what the scan needs on this machine; sends nothing to a target. */
  static async prepare(setup: ScanSetup): Promise<Scan> {
    const { options, plan, seed } = setup;
    const control = new Control();
    const governor = new Governor(control, {
      probesPerSecond: options.rate,
      bitsPerSecond: options.bandwidth,
    });
    const extent = extentOf(setup.targets, options);
    const lanes: Lane[] = [];
    const kernelSettings = { retries: options.retries, concurrency: options.concurrency };
    if (plan.hops.length > 0) {
      const diverted = new TargetFeed();
      const wire = { plan, targets: setup.targets, extent, options, seed, guarded: setup.guarded ?? true };
      lanes.push(await WireLane.open(wire, diverted, control));
      if (plan.kernel.length > 0) lanes.push(new KernelLane(diverted, kernelSettings, governor));
    } else {
      lanes.push(new KernelLane(kernelTargets(setup), kernelSettings, governor));
    }
    return new Scan(setup, lanes, extent.targetCount, governor);
  }

  /** Runs to the end, or until `signal` aborts; the sink is then flushed but not closed. */
  async run(signal: AbortSignal): Promise<ScanOutcome> {
    const interrupt = () => this.#finish({ reason: "interrupted" });
    signal.addEventListener("abort", interrupt);
    if (signal.aborted) interrupt();
    const flushing = setInterval(() => this.#flush(), FLUSH_INTERVAL_MS);
    const { maxRuntimeSeconds } = this.#setup.options;
    const runtime = maxRuntimeSeconds === undefined
      ? undefined
      : setTimeout(() => this.#stopSending(), maxRuntimeSeconds * 1000);
    try {
      await Promise.race([this.#sweepAndVisit(), this.#stopped.promise]);
      await this.#leave();
    } finally {
      clearInterval(flushing);
      clearTimeout(runtime);
      signal.removeEventListener("abort", interrupt);
      await Promise.all(this.#lanes.map((lane) => lane.dispose()));
    }
    return this.#outcome ?? { reason: "done" };
  }

  counters(): ScanCounters {
    const lanes = this.#lanes.map((lane) => lane.counters());
    const total = (name: keyof (typeof lanes)[number]) =>
      lanes.reduce((sum, counters) => sum + counters[name], 0);
    return {
      targets: this.#targets,
      sent: total("probesSent"),
      passedOver: total("passedOver"),
      open: total("verified"),
      closed: total("closed"),
      unreachable: total("unreachable"),
      // Those that are in the log: beyond a limit, and while a scan is left, lanes verify more.
      verified: this.#verified,
      captures: this.#tally.outcomes,
      verifications: this.#tally.verifications,
      sessions: this.#tally.sessions,
      certificates: this.#tally.certificates,
      uniqueCertificates: this.#tally.uniqueCertificates,
      bytesSent: total("bytesSent") + (this.#sessions?.traffic.bytesSent ?? 0),
      bytesReceived: total("bytesReceived") + (this.#sessions?.traffic.bytesReceived ?? 0),
      sendDrops: total("sendDrops"),
      receiveDrops: total("receiveDrops"),
      elapsedMs: performance.now() - this.#startedAt,
    };
  }

  async #sweepAndVisit(): Promise<void> {
    try {
      await Promise.all(this.#lanes.map((lane) => lane.sweep((found) => this.#onHost(lane, found))));
      await this.#visitsDone();
    } catch (error) {
      this.#fail(error);
    }
  }

  #onHost(lane: Lane, found: LaneHost): void {
    const { maxResults } = this.#setup.options;
    if (maxResults !== undefined && this.#verified >= maxResults) {
      lane.transport.reject(found.host);
      lane.settle();
      return;
    }
    this.#recorder.verified(hostObservation(lane, found));
    this.#admission.offer({
      open: (reservation) => {
        lane.settle();
        void this.#visit(lane, found, reservation);
      },
      reject: () => {
        lane.settle();
        lane.transport.reject(found.host);
      },
    });
    if (++this.#verified === maxResults) this.#stopSending();
  }

  async #visit(lane: Lane, found: LaneHost, reservation: Reservation): Promise<void> {
    const { options, targets } = this.#setup;
    this.#visits++;
    // Behind STARTTLS the capture's own limit counts from where TLS begins.
    const bytesMax = options.captureBytes + PRELUDE_BYTES_MAX;
    const allowance = { timeoutMs: options.captureTimeoutSeconds * 1000, bytesMax };
    try {
      await visit(this.#visitSetup, {
        found,
        transport: lane.transport.name,
        serverNames: targets.serverNames(found.addressNumber, found.host.port),
        connections: new HostConnections(
          { transport: lane.transport, host: found.host },
          reservation,
          this.#admission,
          allowance,
          this.#open,
        ),
      });
    } catch (error) {
      this.#fail(error);
    }
    this.#visits--;
    if (this.#isQuiet) this.#isIdle?.();
  }

  /** Whether nobody is being visited, and nobody waits for it. */
  get #isQuiet(): boolean {
    return this.#visits === 0 && this.#admission.waiting === 0;
  }

  #visitsDone(): Promise<void> {
    if (this.#isQuiet) return Promise.resolve();
    return new Promise((resolve) => this.#isIdle = resolve);
  }

  #record(record: Observation | string): void {
    if (this.#outcome?.reason === "failed" || this.#outcome?.reason === "unread") return;
    try {
      this.#setup.sink.append(record);
    } catch (error) {
      this.#sinkFailed(error);
    }
    if (this.#setup.sink.full) this.#flush();
  }

  async #flush(): Promise<void> {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    try {
      await this.#setup.sink.flush();
    } catch (error) {
      this.#sinkFailed(error);
    }
    this.#isFlushing = false;
    this.#admission.pump();
  }

  #sinkFailed(error: unknown): void {
    // Whoever reads the stream has seen enough: `| head` is no failure.
    if (error instanceof OutputClosedError) this.#finish({ reason: "unread" });
    else this.#fail(error);
  }

  #fail(error: unknown): void {
    this.#finish({ reason: "failed", error: error instanceof Error ? error : new Error(String(error)) });
  }

  #stopSending(): void {
    for (const lane of this.#lanes) lane.stopSending();
  }

  /** Breaks the scan off; the first reason stands. */
  #finish(outcome: ScanOutcome): void {
    this.#outcome ??= outcome;
    this.#stopSending();
    this.#admission.close();
    this.#stopped.resolve();
  }

  /** Resets whatever is still open. */
  async #leave(): Promise<void> {
    this.#sessions?.leave();
    for (const connection of this.#open) connection.close();
    const timeout = new Promise((resolve) => setTimeout(resolve, LEAVE_TIMEOUT_MS));
    await Promise.race([this.#visitsDone(), timeout]);
  }
}

function hostObservation(lane: Lane, { host, details }: LaneHost): HostObservation {
  const { timeToLive, window, roundTripMs } = details;
  return {
    type: "host",
    time: timestamp(),
    address: host.address,
    port: host.port,
    verdict: "open",
    transport: lane.transport.name,
    ...(timeToLive === undefined ? {} : { ttl: timeToLive }),
    ...(window === undefined ? {} : { window }),
    ...(roundTripMs === undefined ? {} : { round_trip_ms: roundTripMs }),
  };
}
