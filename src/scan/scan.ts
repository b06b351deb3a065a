import {
  type HostObservation,
  type Observation,
  type ObservationSink,
  OutputClosedError,
  timestamp,
} from "../observe/mod.ts";
import { NO_PROGRESS } from "../../ffi/mod.ts";
import { Admission, type Applicant, type Reservation } from "../governor/mod.ts";
import { formatAddress, type TargetSet } from "../targets/mod.ts";
import { PRELUDE_BYTES_MAX } from "../tls/mod.ts";
import type { Trust } from "../tls/session/mod.ts";
import type { Connection } from "../transport/mod.ts";
import type { ChainVerifier } from "../x509/verify/mod.ts";
import { CaptureTally } from "./capture_tally.ts";
import { type Extent, extentOf } from "./extent.ts";
import type { Recorder } from "./finding.ts";
import { type ConnectionAllowance, HostConnections } from "./host_connections.ts";
import type { Lane, LaneCounters, LaneHost } from "./lane.ts";
import { loggedCounters, type RunTotals } from "./logged_counters.ts";
import { LogRecorder } from "./log_recorder.ts";
import type { ScanOptions } from "./options.ts";
import type { SweepPlan } from "./plan.ts";
import type { ScanCounters } from "./report.ts";
import type { RunState } from "./run_state.ts";
import { reverseLookup } from "./server_name_choice.ts";
import { Roster } from "./roster.ts";
import { Sessions } from "./sessions.ts";
import { revisitOf, Stage, type StageSetup } from "./stage.ts";
import { type Target, targetKey } from "./target_feed.ts";
import { visit, type VisitSetup } from "./visit.ts";
import { ZgrabRecorder } from "./zgrab_recorder.ts";

export interface ScanSetup {
  readonly plan: SweepPlan;
  readonly targets: TargetSet;
  readonly options: ScanOptions;
  readonly seed: bigint;
  readonly sink: ObservationSink;
  readonly trust: TrustSetup;
  /** Where the run can be gone on with: makes what was recorded outlast a loss of power. */
  readonly sync?: () => Promise<void>;
  /** Of a run that is gone on with. */
  readonly before?: RunState;
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
  /**
   * `limit`: the time of `--max-runtime` was over before everything had been asked; `unread`: whoever read the
   * observations has left.
   */
  | { readonly reason: "done" | "limit" | "interrupted" | "unread" }
  | { readonly reason: "failed"; readonly error: Error };

/** How often what was seen is handed to the operating system when little is seen. */
const FLUSH_INTERVAL_MS = 1_000;

/** How often it is noted how the run stands: what a kill costs, beside the time that answers are given. */
const CHECKPOINT_INTERVAL_MS = 1_000;

/** A checkpoint names everybody who is under way: where they are many it is made less often, for so many a second. */
const NAMED_PER_SECOND = 4_096;

/** But no less often than this: what was done since is done again after a kill. */
const CHECKPOINT_INTERVAL_MS_MAX = 4_000;

/** How long connections are given to leave when a scan is broken off. */
const LEAVE_TIMEOUT_MS = 300;

const NOTHING: LaneCounters = {
  probesSent: 0,
  passedOver: 0,
  verified: 0,
  closed: 0,
  unreachable: 0,
  bytesSent: 0,
  bytesReceived: 0,
  sendDrops: 0,
  receiveDrops: 0,
};

/** What is made anew for each walk. */
interface Work {
  readonly stage: Stage;
  readonly admission: Admission;
  readonly sessions: Sessions | undefined;
  readonly visitSetup: VisitSetup;
}

/** One run: the loop from targets to observations. */
export class Scan {
  readonly #setup: ScanSetup;
  readonly #extent: Extent;
  readonly #tally: CaptureTally;
  readonly #recorder: Recorder;
  readonly #allowance: ConnectionAllowance;
  readonly #open = new Roster<Connection>();
  readonly #stopped = Promise.withResolvers<void>();
  #startedAt: number | undefined;
  /** Verified hosts whose visit is not over. */
  readonly #underWay = new Roster<LaneHost>();
  readonly #admit = (candidate: Candidate, reservation: Reservation) => this.#visit(candidate, reservation);
  /** What an earlier process left behind and has not answered again, by {@linkcode targetKey}. */
  readonly #leftBehind: Map<string, Target>;
  #work: Work;
  /** Whether the walk itself is under way, and not what comes before it. */
  #isWalking: boolean;
  /** What earlier processes, and the walks that are over, have counted. */
  readonly #past: LaneCounters[];
  #visits = 0;
  #isFlushing = false;
  #isStopped = false;
  #isIdle: (() => void) | undefined;
  /** Hosts in the log: beyond a limit, and while a scan is left, lanes verify more. */
  #verified: number;
  /** Hosts that answered again. */
  #repeated = 0;
  #outcome: ScanOutcome | undefined;
  #checkpointing: Promise<void> | undefined;
  #lastCheckpoint = "";
  #checkpointAt = 0;

  private constructor(setup: ScanSetup, stage: Stage, isWalking: boolean) {
    const { options, before } = setup;
    this.#setup = setup;
    this.#extent = extentOf(setup.targets, options);
    this.#tally = new CaptureTally(before?.captures);
    this.#allowance = {
      timeoutMs: options.captureTimeoutSeconds * 1000,
      // Behind STARTTLS the capture's own limit counts from where TLS begins.
      bytesMax: options.captureBytes + PRELUDE_BYTES_MAX,
    };
    this.#past = before === undefined ? [] : [countersBefore(before.totals)];
    this.#verified = before?.known.count ?? 0;
    this.#leftBehind = new Map(pendingOf(setup).map((target) => [targetKey(target), target]));
    const record = (line: Observation | string) => this.#record(line);
    this.#recorder = options.format === "zgrab2"
      ? new ZgrabRecorder(record, options.http)
      : new LogRecorder(record, options.http);
    this.#isWalking = isWalking;
    this.#work = this.#workOn(stage);
  }

  /** Reserves what the scan needs on this machine; sends nothing to a target. */
  static async prepare(setup: ScanSetup): Promise<Scan> {
    const pending = pendingOf(setup);
    const isWalking = pending.length === 0;
    const stage = await Stage.open(isWalking ? walkOf(setup) : revisitOf(walkOf(setup), pending));
    return new Scan(setup, stage, isWalking);
  }

  /** Runs to the end, or until `signal` aborts; the sink is then flushed but not closed. */
  async run(signal: AbortSignal): Promise<ScanOutcome> {
    // What is made ready before, the graph's builder too, is no part of the run.
    this.#startedAt = performance.now();
    const interrupt = () => this.#interrupt();
    signal.addEventListener("abort", interrupt);
    if (signal.aborted) interrupt();
    const flushing = setInterval(() => this.#flush(), FLUSH_INTERVAL_MS);
    const noting = setInterval(() => this.#checkpointInTurn(), CHECKPOINT_INTERVAL_MS);
    const { maxRuntimeSeconds } = this.#setup.options;
    const runtime = maxRuntimeSeconds === undefined
      ? undefined
      : setTimeout(() => this.#timeIsOver(), maxRuntimeSeconds * 1000);
    try {
      await Promise.race([this.#sweepAndVisit(), this.#stopped.promise]);
      clearInterval(noting);
      if (this.#outcome?.reason === "limit") await this.#checkpoint();
      await this.#checkpointing;
      await this.#leave();
    } finally {
      clearInterval(noting);
      clearInterval(flushing);
      clearTimeout(runtime);
      signal.removeEventListener("abort", interrupt);
      await this.#work.stage.dispose();
    }
    return this.#outcome ?? { reason: "done" };
  }

  counters(): ScanCounters {
    const parts = [...this.#past, ...countersOf(this.#work)];
    const now = performance.now();
    const total = (name: keyof LaneCounters) => parts.reduce((sum, counters) => sum + counters[name], 0);
    return {
      targets: this.#extent.targetCount,
      sent: total("probesSent"),
      passedOver: total("passedOver"),
      open: total("verified") - this.#repeated,
      closed: total("closed"),
      unreachable: total("unreachable"),
      verified: this.#verified,
      captures: this.#tally.outcomes,
      verifications: this.#tally.verifications,
      sessions: this.#tally.sessions,
      certificates: this.#tally.certificates,
      uniqueCertificates: this.#tally.uniqueCertificates,
      bytesSent: total("bytesSent"),
      bytesReceived: total("bytesReceived"),
      sendDrops: total("sendDrops"),
      receiveDrops: total("receiveDrops"),
      elapsedMs: now - (this.#startedAt ?? now) + (this.#setup.before?.totals.elapsedMs ?? 0),
    };
  }

  #workOn(stage: Stage): Work {
    const { options, trust, sink } = this.#setup;
    const { lanes, governor } = stage;
    const admission = new Admission(governor, () => !sink.full && lanes.every((lane) => lane.hasRoom));
    const sessions = trust.session && new Sessions(trust.session, options, admission, governor);
    const visitSetup: VisitSetup = {
      options,
      recorder: this.#recorder,
      tally: this.#tally,
      verifier: trust.verifier,
      lookUp: reverseLookup,
      holdSession: sessions && ((finding) => sessions.hold(finding)),
    };
    return { stage, admission, sessions, visitSetup };
  }

  async #sweepAndVisit(): Promise<void> {
    try {
      if (!this.#isWalking || !this.#hasEnough) await this.#goThrough();
      if (!this.#isWalking && !this.#isStopped) {
        // Who did not answer now has had its chance.
        this.#leftBehind.clear();
        if (await this.#startWalk()) await this.#goThrough();
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  async #goThrough(): Promise<void> {
    const { stage: { lanes }, admission } = this.#work;
    await Promise.all(lanes.map((lane) =>
      lane.sweep({
        host: (found) => this.#onHost(lane, found),
        room: () => admission.pump(),
      })
    ));
    await this.#visitsDone();
  }

  /** From what an earlier process left behind to the walk itself. False where that is not to be. */
  async #startWalk(): Promise<boolean> {
    if (this.#hasEnough) return false;
    const work = this.#work;
    await work.stage.dispose();
    const walk = await Stage.open(walkOf(this.#setup));
    if (this.#isStopped) {
      await walk.dispose();
      return false;
    }
    this.#past.push(...countersOf(work));
    this.#work = this.#workOn(walk);
    this.#isWalking = true;
    return true;
  }

  get #hasEnough(): boolean {
    const { maxResults } = this.#setup.options;
    return maxResults !== undefined && this.#verified >= maxResults;
  }

  #onHost(lane: Lane, found: LaneHost): void {
    const { before, options: { maxResults } } = this.#setup;
    const { address, port } = targetOf(found);
    const isKnown = before?.known.has(address, port) ?? false;
    if (isKnown) this.#repeated++;
    if (isKnown ? !this.#leftBehind.has(targetKey({ address, port })) : this.#hasEnough) {
      lane.transport.reject(found.host);
      lane.settle();
      return;
    }
    if (before !== undefined) this.#leftBehind.delete(targetKey({ address, port }));
    if (!isKnown) {
      this.#recorder.verified(hostObservation(lane, found));
      // The walk meets it again.
      if (!this.#isWalking) before?.known.add(address, port);
    }
    this.#work.admission.offer(new Candidate(lane, found, this.#underWay.join(found), this.#admit));
    if (!isKnown && ++this.#verified === maxResults && this.#isWalking) this.#stopSending();
  }

  #visit({ lane, found, place }: Candidate, reservation: Reservation): void {
    const { targets } = this.#setup;
    const { visitSetup, admission } = this.#work;
    this.#visits++;
    const connections = new HostConnections(
      { transport: lane.transport, host: found.host },
      reservation,
      admission,
      this.#allowance,
      this.#open,
    );
    const { addressNumber, host } = found;
    const serverNames = targets.serverNames(addressNumber, host.port);
    visit(visitSetup, { found, transport: lane.transport.name, serverNames, connections }).then(() => {
      if (!connections.isAbandoned) this.#underWay.leave(place);
      this.#visitDone();
    }, (error) => {
      this.#fail(error);
      this.#visitDone();
    });
  }

  #visitDone(): void {
    this.#visits--;
    if (this.#isQuiet) this.#isIdle?.();
  }

  /** Whether nobody is being visited, and nobody waits for it. */
  get #isQuiet(): boolean {
    return this.#visits === 0 && this.#work.admission.waiting === 0;
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
    this.#work.admission.pump();
  }

  #sinkFailed(error: unknown): void {
    // Whoever reads the stream has seen enough: `| head` is no failure.
    if (error instanceof OutputClosedError) this.#finish({ reason: "unread" });
    else this.#fail(error);
  }

  #fail(error: unknown): void {
    this.#finish({ reason: "failed", error: error instanceof Error ? error : new Error(String(error)) });
  }

  #checkpointInTurn(): void {
    const named = this.#underWay.size + this.#leftBehind.size;
    const intervalMs = Math.min(named * 1_000 / NAMED_PER_SECOND, CHECKPOINT_INTERVAL_MS_MAX);
    if (performance.now() - this.#checkpointAt >= intervalMs) this.#checkpoint();
  }

  /** Notes how the run stands, and makes it outlast a loss of power. One at a time. */
  #checkpoint(): Promise<void> {
    if (this.#setup.sync === undefined) return Promise.resolve();
    return this.#checkpointing ??= this.#noteCheckpoint(this.#setup.sync)
      .catch((error) => this.#sinkFailed(error))
      .finally(() => this.#checkpointing = undefined);
  }

  async #noteCheckpoint(sync: () => Promise<void>): Promise<void> {
    const { before } = this.#setup;
    const isWalking = this.#isWalking;
    const progress = isWalking ? await this.#work.stage.progress() : before!.progress;
    if (progress === undefined || isWalking !== this.#isWalking) return;
    // From here on nothing else can happen in between.
    const { stage: { lanes } } = this.#work;
    const pending = [
      ...this.#leftBehind.values(),
      ...this.#underWay.members().map(targetOf),
      ...lanes.flatMap(({ unsettled }) => unsettled),
    ];
    const { cursor, targetCount, repeatCursor, repeatPass } = progress;
    const standing = {
      cursor: String(cursor),
      targets_settled: targetCount,
      ...(repeatPass > 0 && { repeat: { pass: repeatPass, cursor: String(repeatCursor) } }),
      pending: pending.map(({ address, port }) => [formatAddress(address), port] as const),
    };
    const counters = loggedCounters(this.counters());
    const text = JSON.stringify({ ...standing, ...counters, elapsed_ms: 0 });
    if (text === this.#lastCheckpoint) return;
    this.#lastCheckpoint = text;
    this.#checkpointAt = performance.now();
    this.#record({ type: "checkpoint", time: timestamp(), ...standing, counters });
    await sync();
  }

  /** Leaves once it is noted how the run stands. */
  async #interrupt(): Promise<void> {
    this.#outcome ??= { reason: "interrupted" };
    this.#stopSending();
    // One that is under way may have looked before what is known now.
    await this.#checkpointing;
    await this.#checkpoint();
    this.#finish({ reason: "interrupted" });
  }

  #timeIsOver(): void {
    const { lanes } = this.#work.stage;
    if (!this.#isWalking || lanes.some((lane) => lane.isAsking)) this.#outcome ??= { reason: "limit" };
    this.#stopSending();
  }

  #stopSending(): void {
    this.#isStopped = true;
    this.#work.stage.stopSending();
  }

  /** Breaks the scan off; the first reason stands. */
  #finish(outcome: ScanOutcome): void {
    this.#outcome ??= outcome;
    this.#stopSending();
    this.#work.admission.close();
    this.#stopped.resolve();
  }

  /** Resets whatever is still open. */
  async #leave(): Promise<void> {
    this.#work.sessions?.leave();
    for (const connection of this.#open.members()) connection.close();
    const timeout = new Promise((resolve) => setTimeout(resolve, LEAVE_TIMEOUT_MS));
    await Promise.race([this.#visitsDone(), timeout]);
  }
}

/** A verified host that waits for its turn in the budget. Thousands do: a class takes a third of what closures take. */
class Candidate implements Applicant {
  readonly #admit: (candidate: Candidate, reservation: Reservation) => void;

  /** `place` is the host's among those that are under way. */
  constructor(
    readonly lane: Lane,
    readonly found: LaneHost,
    readonly place: number,
    admit: (candidate: Candidate, reservation: Reservation) => void,
  ) {
    this.#admit = admit;
  }

  open(reservation: Reservation): void {
    this.lane.settle();
    this.#admit(this, reservation);
  }

  reject(): void {
    this.lane.settle();
    this.lane.transport.reject(this.found.host);
  }
}

function countersOf({ stage, sessions }: Work): LaneCounters[] {
  return [...stage.counters, { ...NOTHING, ...sessions?.traffic }];
}

/** What earlier processes of the run have counted, as a lane counts. */
function countersBefore({ sent, open, ...totals }: RunTotals): LaneCounters {
  const { passedOver, closed, unreachable, bytesSent, bytesReceived, sendDrops, receiveDrops } = totals;
  return {
    probesSent: sent,
    passedOver,
    verified: open,
    closed,
    unreachable,
    bytesSent,
    bytesReceived,
    sendDrops,
    receiveDrops,
  };
}

function targetOf({ addressNumber, host }: LaneHost): Target {
  return { address: addressNumber, port: host.port };
}

/** What an earlier process left behind. A log is a file: only what was asked for is ever sent to. */
function pendingOf({ before, targets }: ScanSetup): readonly Target[] {
  return before?.pending.filter(({ address, port }) => targets.contains(address, port)) ?? [];
}

function walkOf(setup: ScanSetup): StageSetup {
  const { options, targets, before, guarded = true } = setup;
  const progress = before?.progress ?? NO_PROGRESS;
  const processes = before?.processes ?? 0;
  return { ...setup, extent: extentOf(targets, options), progress, processes, guarded };
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
