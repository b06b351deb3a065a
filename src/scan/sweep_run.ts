import {
  Control,
  NO_PROGRESS,
  type Plane,
  type PlaneEvents,
  PlaneReply,
  type SweepStateName,
} from "../../ffi/mod.ts";
import { Governor } from "../governor/mod.ts";
import { OutputLeftError, type SweepRecord } from "../results/mod.ts";
import type { Transport } from "../transport/mod.ts";
import { type Extent, extentOf } from "./extent.ts";
import { HitRate } from "./hit_rate.ts";
import { KernelLane, type KernelRefusal } from "./kernel_lane.ts";
import { KernelTargets } from "./kernel_targets.ts";
import { openPlane, resolveGateways, RING_DELAY_MS } from "./open_plane.ts";
import { isGone, sendError } from "./send_error.ts";
import { SilenceWatch } from "./silence_watch.ts";
import type { SweepCounters, SweepEnding, SweepOutcome, SweepSetup } from "./sweep_report.ts";
import { type Target, TargetFeed } from "./target_feed.ts";

/** How often what was seen is handed to the operating system, and limits are looked at. */
const TICK_MS = 250;

/** The least that a rate is changed to, in probes per second. */
const RATE_MIN = 1;

/** Verdicts as records and as the packet plane name them. */
const REPORTED = [["open", "open"], ["closed", "closed"], ["unreachable", "unreachableTarget"]] as const;

/** One sweep: from targets to verdicts. */
export class SweepRun {
  readonly #setup: SweepSetup;
  readonly #extent: Extent;
  readonly #control: Control;
  readonly #governor: Governor;
  /** Undefined where nothing can go by frames. */
  readonly #plane: Plane | undefined;
  readonly #diverted = new TargetFeed();
  readonly #kernel: KernelLane | undefined;
  readonly #silence: SilenceWatch;
  readonly #hitRate: HitRate | undefined;
  readonly #startedAt = performance.now();
  readonly #record = new WireRecord();
  #rate: number;
  #ending: SweepEnding | undefined;
  #kept = 0;
  #filtered: number | undefined;
  #pass = 0;
  #isBlocked = false;
  #isTicking = false;
  #isKernelBusy = false;
  #hasSwept = false;
  #silentByKernel = 0;

  private constructor(
    setup: SweepSetup,
    extent: Extent,
    control: Control,
    governor: Governor,
    plane: Plane | undefined,
    silence: SilenceWatch,
  ) {
    const { options, plan } = setup;
    this.#setup = setup;
    this.#extent = extent;
    this.#control = control;
    this.#governor = governor;
    this.#plane = plane;
    this.#rate = options.rate;
    this.#silence = silence;
    if (options.minHitRate !== undefined) this.#hitRate = new HitRate(options.minHitRate);
    const settings = { retries: options.retries, concurrency: options.concurrency };
    if (plane === undefined) {
      const walk = { ...setup, extent, progress: NO_PROGRESS };
      this.#kernel = new KernelLane(new KernelTargets(walk), settings, governor);
    } else if (plan.kernel.length > 0) {
      this.#kernel = new KernelLane(this.#diverted, settings, governor);
    }
  }

  /** Reserves what the sweep needs on this machine; sends nothing to a target. */
  static async prepare(setup: SweepSetup): Promise<SweepRun> {
    const { options, plan, targets, seed } = setup;
    const control = new Control();
    const governor = new Governor(control, {
      probesPerSecond: options.rate,
      bitsPerSecond: options.bandwidth,
    });
    const extent = extentOf(targets, options);
    const gateways = await resolveGateways(plan);
    const silence = new SilenceWatch(plan, gateways, control);
    const plane = plan.hops.length === 0 ? undefined : openPlane({
      plan,
      gateways,
      targets,
      extent,
      options,
      seed,
      progress: NO_PROGRESS,
      processes: 0,
      guarded: true,
      manner: options.resets ? "reset" : "leave",
      // What the output passes over in any case need not come this far.
      report: REPORTED.filter(([verdict]) => setup.sink.wants(verdict)).map(([, name]) => name),
      flowCapacity: 0,
      queueMax: Number.MAX_SAFE_INTEGER,
    }, control);
    return new SweepRun(setup, extent, control, governor, plane, silence);
  }

  /** Runs to the end, or until `signal` aborts; the sink is then flushed but not closed. */
  async run(signal: AbortSignal): Promise<SweepOutcome> {
    const interrupt = () => this.#end({ reason: "interrupted" });
    signal.addEventListener("abort", interrupt);
    if (signal.aborted) interrupt();
    const ticking = setInterval(() => this.#tick(), TICK_MS);
    const { maxRuntimeSeconds } = this.#setup.options;
    const runtime = maxRuntimeSeconds === undefined
      ? undefined
      : setTimeout(() => this.#end({ reason: "limit", limit: "maxRuntime" }), maxRuntimeSeconds * 1000);
    try {
      await Promise.all([this.#sweepByWire(), this.#sweepByKernel()]);
      if (this.#ending === undefined) {
        this.#warn(await this.#silence.conclude());
        this.#filtered = this.#countSilent();
      }
      await this.#writeSilent();
      await this.#setup.sink.flush();
    } catch (error) {
      this.#fail(error);
    } finally {
      clearInterval(ticking);
      clearTimeout(runtime);
      signal.removeEventListener("abort", interrupt);
      this.#hasSwept = true;
      await this.#plane?.dispose();
      await this.#kernel?.dispose();
    }
    return { ...(this.#ending ?? { reason: "done" }), cursor: this.#cursor() };
  }

  counters(): SweepCounters {
    const control = this.#control;
    const kernel = this.#kernel?.counters();
    const sum = (ours: number, theirs: number | undefined) => ours + (theirs ?? 0);
    const probes = control.counter("probesSent");
    const repeated = control.counter("probesRepeated");
    return {
      state: this.#state(),
      pass: this.#pass,
      targets: this.#extent.targetCount,
      sent: sum(probes - repeated, kernel?.probesSent),
      repeated,
      unrouted: control.counter("targetsUnrouted"),
      concluded: control.counter("targetsSettled"),
      unresolved: control.counter("neighborsSilent"),
      open: sum(control.counter("hostsVerified"), kernel?.verified),
      closed: sum(control.counter("closed"), kernel?.closed),
      unreachable: sum(control.counter("unreachableCount"), kernel?.unreachable),
      filtered: this.#filtered,
      forged: control.counter("repliesForged"),
      outside: control.counter("repliesOutside"),
      duplicate: control.counter("repliesDuplicate"),
      deferred: control.counter("repliesDeferred"),
      receiveDrops: control.counter("framesDropped"),
      sendShortfalls: control.counter("sendShortfalls"),
      resetsSent: control.counter("resetsSent"),
      kernelResets: control.counter("kernelResets"),
      sendMethod: control.sendMethod,
      bytesSent: sum(control.counter("bytesSent"), kernel?.bytesSent),
      bytesReceived: sum(control.counter("bytesReceived"), kernel?.bytesReceived),
      rate: this.#rate,
      elapsedMs: performance.now() - this.#startedAt,
    };
  }

  /** Multiplies the rate from now on. */
  changeRate(factor: number): void {
    this.#rate = Math.max(RATE_MIN, Math.round(this.#rate * factor));
    this.#governor.setProbeRate(this.#passRate());
  }

  /** Takes the plane's events until its sweep is over and everything that it saw has been taken. */
  async #sweepByWire(): Promise<void> {
    const plane = this.#plane;
    if (plane === undefined) return;
    const control = this.#control;
    const events: PlaneEvents = {
      host: () => {},
      data: () => {},
      ended: () => {},
      reply: (reply) => this.#takeReply(reply),
      diverted: (address, port) => this.#diverted.push({ address, port }),
    };
    plane.start();
    let endedAt: number | undefined;
    while (true) {
      // Both are read before the events are taken: what comes later ends the wait at once.
      const seen = control.eventCount;
      const state = control.sweepState;
      plane.drain(events, !this.#diverted.isFull);
      this.#noteState(state);
      if (this.#setup.sink.full) await this.#setup.sink.flush();
      if (state === "done" || state === "failed" || this.#isLeaving) {
        // What arrived in time may still be on its way through the ring: it is taken before the sweep is over.
        endedAt ??= performance.now();
        if (performance.now() - endedAt >= RING_DELAY_MS) break;
      }
      await plane.wait(seen);
    }
    this.#diverted.close();
    if (control.sweepState === "failed") this.#end(this.#sendFailure());
  }

  async #sweepByKernel(): Promise<void> {
    const kernel = this.#kernel;
    if (kernel === undefined) return;
    this.#isKernelBusy = true;
    const transport: Transport = kernel.transport;
    await kernel.sweep({
      host: ({ host, addressNumber }) => {
        transport.reject(host);
        this.#takeVerdict({ address: addressNumber, port: host.port }, "open");
      },
      refusal: (target, refusal) => {
        if (refusal === "filtered") this.#silentByKernel++;
        this.#takeVerdict(target, refusal);
      },
    });
    this.#isKernelBusy = false;
  }

  /** Whether the rest does not matter any more: not even answers that are on their way. */
  get #isLeaving(): boolean {
    const ending = this.#ending;
    return ending !== undefined && !(ending.reason === "limit" && ending.limit === "maxRuntime");
  }

  #takeReply(reply: PlaneReply): void {
    this.#record.show(reply, this.#control.sweepState === "cooling");
    this.#write(this.#record);
  }

  #takeVerdict(target: Target, verdict: "open" | KernelRefusal): void {
    this.#write({ ...target, verdict, timeMs: Date.now(), cooling: false, reply: undefined });
  }

  #write(record: SweepRecord): void {
    const { sink, options: { maxResults } } = this.#setup;
    const { reason } = this.#ending ?? {};
    if (reason === "unread" || reason === "failed") return;
    if (maxResults !== undefined && this.#kept >= maxResults) return;
    try {
      if (!sink.write(record)) return;
    } catch (error) {
      return this.#fail(error);
    }
    if (++this.#kept === maxResults) this.#end({ reason: "limit", limit: "maxResults" });
  }

  /** How many targets kept silent, once everything has been asked and waited for. */
  #countSilent(): number {
    const control = this.#control;
    const probed = control.counter("probesSent") - control.counter("probesRepeated");
    const answered = control.counter("hostsVerified") + control.counter("closed") +
      control.counter("unreachableCount") - control.counter("neighborsSilent");
    return this.#silentByKernel + Math.max(0, probed - answered);
  }

  /** Tells of those that kept silent, up to where a later sweep would go on. */
  async #writeSilent(): Promise<void> {
    const { sink } = this.#setup;
    if (this.#plane === undefined || !sink.wants("filtered") || this.#isCut) return;
    const timeMs = Date.now();
    for (const { address, port } of this.#plane.silentTargets()) {
      this.#write({ address, port, verdict: "filtered", timeMs, cooling: true, reply: undefined });
      if (sink.full) await sink.flush();
      if (this.#isCut) return;
    }
  }

  /** Whether what was seen last has not come out: beyond a limit of results, or where nobody took them. */
  get #isCut(): boolean {
    const ending = this.#ending;
    if (ending?.reason === "limit") return ending.limit === "maxResults";
    return ending?.reason === "unread" || ending?.reason === "failed";
  }

  /** From where a later sweep would find what this one did not; undefined where there is no such place. */
  #cursor(): bigint | undefined {
    // The kernel's sockets keep no order, and what a cut output lost lies anywhere.
    return this.#kernel !== undefined || this.#isCut ? undefined : this.#control.cursor;
  }

  #noteState(state: SweepStateName): void {
    if (this.#control.pass !== this.#pass) {
      this.#pass = this.#control.pass;
      this.#governor.setProbeRate(this.#passRate());
    }
    if ((state === "blocked") === this.#isBlocked || state === "failed") return;
    this.#isBlocked = state === "blocked";
    const { plan, options, warn } = this.#setup;
    const index = this.#control.blockedInterface;
    const name = plan.hops.find((hop) => hop.interface.index === index)?.interface.name ??
      `interface ${index}`;
    warn(
      this.#isBlocked
        ? `${name} takes no frames: its link is down, or its queue is stuck; waiting for it up to ` +
          `${options.linkTimeoutSeconds} s (--link-timeout)`
        : `${name} takes frames again: going on`,
    );
  }

  /** What the rate is in this pass. */
  #passRate(): number {
    const { rate, retryRate } = this.#setup.options;
    if (this.#pass === 0 || retryRate === undefined) return this.#rate;
    return Math.max(RATE_MIN, Math.round(retryRate * this.#rate / rate));
  }

  #state(): SweepCounters["state"] {
    if (this.#hasSwept) return "done";
    const state = this.#control.sweepState;
    if (state === "blocked") return "waiting";
    if (this.#isKernelBusy) return "sending";
    if (state === "cooling" || state === "done") return "cooling";
    return "sending";
  }

  async #tick(): Promise<void> {
    try {
      if (this.#isTicking) return;
      this.#isTicking = true;
      await this.#setup.sink.flush();
      const { sent, open } = this.counters();
      if (this.#hitRate?.isTooLow(sent, open)) this.#end({ reason: "limit", limit: "minHitRate" });
      this.#warn(await this.#silence.look());
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#isTicking = false;
    }
  }

  #warn(sentences: readonly string[]): void {
    for (const sentence of sentences) this.#setup.warn(sentence);
  }

  #sendFailure(): SweepEnding {
    const { failureCode } = this.#control;
    if (this.#isBlocked && !isGone(failureCode)) return { reason: "limit", limit: "linkTimeout" };
    return { reason: "failed", error: sendError(failureCode) };
  }

  #fail(error: unknown): void {
    // Whoever reads the output has seen enough: `| head` is no failure.
    if (error instanceof OutputLeftError) this.#end({ reason: "unread" });
    else this.#end({ reason: "failed", error: error instanceof Error ? error : new Error(String(error)) });
  }

  /** The first reason stands. */
  #end(ending: SweepEnding): void {
    this.#ending ??= ending;
    this.#control.stopSending();
    this.#kernel?.stopSending();
    this.#diverted.close();
  }
}

/** What the packet plane tells, as a record. One object for all. */
class WireRecord implements SweepRecord {
  #reply = new PlaneReply();
  cooling = false;

  show(reply: PlaneReply, cooling: boolean): void {
    this.#reply = reply;
    this.cooling = cooling;
  }

  get verdict(): SweepRecord["verdict"] {
    return this.#reply.verdict;
  }

  get address(): bigint {
    return this.#reply.address;
  }

  get port(): number {
    return this.#reply.port;
  }

  get timeMs(): number {
    return this.#reply.timeMs;
  }

  get reply(): PlaneReply {
    return this.#reply;
  }
}
