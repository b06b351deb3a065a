import type { Control, HostFacts, Plane, PlaneEvents, WalkProgress } from "../../ffi/mod.ts";
import { formatAddress } from "../targets/mod.ts";
import { type WireHost, WireTransport } from "../transport/mod.ts";
import { FlowWindow } from "./flow_window.ts";
import type { HostDetails, Lane, LaneCounters, LaneHost, SweepEvents } from "./lane.ts";
import { openPlane, type PlaneSetup, resolveGateways, RING_DELAY_MS } from "./open_plane.ts";
import { sendError } from "./send_error.ts";
import type { TargetFeed } from "./target_feed.ts";

/** Connections at once, those included whose server keeps silent until the deadline: what they hold is memory alone. */
const FLOW_CAPACITY = 16_384;

/** Connections at once whose server may still be expected to answer. */
const WINDOW_MAX = 4_096;

/** Verified hosts that may wait for a connection: less than what comes in while a SYN-ACK waits to be repeated. */
const QUEUE_MAX = 1024;

/** What is asked of the lane. */
export type LaneSetup = Omit<PlaneSetup, "gateways" | "manner" | "report" | "flowCapacity" | "queueMax">;

/** The packet plane's sweep with user-space TCP behind it. */
export class WireLane implements Lane {
  readonly #plane: Plane;
  readonly #diverted: TargetFeed;
  readonly transport: WireTransport;
  readonly #window = new FlowWindow(WINDOW_MAX);
  #settled = 0;
  #isDisposed = false;
  #loop: Promise<void> = Promise.resolve();
  readonly #setup: LaneSetup;
  readonly unsettled = [];
  /** Who waits to hear how far the walk had come when the packet plane was asked. */
  #askers: {
    readonly progress: WalkProgress;
    readonly at: number;
    resolve(progress?: WalkProgress): void;
  }[] = [];

  private constructor(plane: Plane, diverted: TargetFeed, setup: LaneSetup) {
    this.#plane = plane;
    this.#diverted = diverted;
    this.#setup = setup;
    this.transport = new WireTransport(plane, FLOW_CAPACITY);
  }

  /**
   * Asks for the gateways and reserves what the lane needs; sends nothing to a target. Targets that frames do not reach
   * go to `diverted`, which is closed with the sweep.
   */
  static async open(setup: LaneSetup, diverted: TargetFeed, control: Control): Promise<WireLane> {
    const plane = openPlane({
      ...setup,
      gateways: await resolveGateways(setup.plan),
      manner: "handOver",
      report: [],
      // A reader carries the hosts that it found: each may have all of them.
      flowCapacity: FLOW_CAPACITY * setup.options.readers,
      queueMax: QUEUE_MAX,
    }, control);
    return new WireLane(plane, diverted, setup);
  }

  get hasRoom(): boolean {
    const { capacity, openCount, expectedCount } = this.transport;
    return openCount < capacity && expectedCount < this.#window.size;
  }

  sweep(events: SweepEvents): Promise<void> {
    this.#plane.start();
    const swept = Promise.withResolvers<void>();
    this.#loop = this.#pump(events, swept);
    return swept.promise;
  }

  get isAsking(): boolean {
    const { sweepState, pass } = this.#plane.control;
    return sweepState !== "done" && sweepState !== "failed" &&
      (sweepState !== "cooling" || pass < this.#setup.options.retries);
  }

  progress(): Promise<WalkProgress | undefined> {
    const { progress } = this.#plane.control;
    if (progress === undefined || this.#isDisposed) return Promise.resolve(undefined);
    return new Promise((resolve) => this.#askers.push({ progress, at: performance.now(), resolve }));
  }

  settle(): void {
    this.#plane.control.setCounter("hostsSettled", ++this.#settled);
  }

  stopSending(): void {
    this.#plane.control.stopSending();
  }

  counters(): LaneCounters {
    const { control } = this.#plane;
    return {
      probesSent: control.counter("probesSent"),
      passedOver: control.counter("neighborsSilent") + control.counter("targetsUnrouted"),
      verified: control.counter("hostsVerified"),
      closed: control.counter("closed"),
      unreachable: control.counter("unreachableCount"),
      bytesSent: control.counter("bytesSent"),
      bytesReceived: control.counter("bytesReceived"),
      sendDrops: control.counter("sendShortfalls"),
      receiveDrops: control.counter("framesDropped") + control.counter("repliesDeferred"),
    };
  }

  async dispose(): Promise<void> {
    this.#isDisposed = true;
    await this.#loop;
    await this.#plane.dispose();
  }

  /** Takes events until the lane is disposed of: connections outlive the sweep. */
  async #pump(sweepEvents: SweepEvents, swept: PromiseWithResolvers<void>): Promise<void> {
    const { control } = this.#plane;
    const events: PlaneEvents = {
      host: (facts) => sweepEvents.host(new FoundHost(facts)),
      reply: () => {},
      diverted: (address, port) => this.#diverted.push({ address, port }),
      data: (connection, bytes) => this.transport.data(connection, bytes),
      ended: (connection, reason, bytesSent, bytesReceived, sequence) =>
        this.transport.ended(connection, reason, { bytesSent, bytesReceived }, sequence),
    };
    let doneAt: number | undefined;
    while (!this.#isDisposed) {
      // Both are read before the events are taken: what comes later ends the wait at once.
      const seen = control.eventCount;
      const state = control.sweepState;
      const startedAt = performance.now();
      this.transport.advance(startedAt);
      // Whoever is not expected to answer any more may have made room, and so may a window that has grown.
      sweepEvents.room?.();
      this.#plane.drain(events);
      this.#adaptWindow(startedAt, performance.now());
      this.#answerAskers(startedAt);
      if (state === "done") {
        // What arrived in time may still be on its way through the ring: it is taken before the sweep is over.
        doneAt ??= performance.now();
        if (performance.now() - doneAt >= RING_DELAY_MS) swept.resolve();
      }
      if (state === "failed") swept.reject(sendError(control.failureCode));
      if (state === "done" || state === "failed") this.#diverted.close();
      await this.#plane.wait(seen);
    }
    for (const { resolve } of this.#askers) resolve();
  }

  #adaptWindow(startedAt: number, endedAt: number): void {
    const { answeredCount: answered, expectedCount: open } = this.transport;
    this.#window.adapt(endedAt - startedAt, { atMs: endedAt, answered, open });
  }

  /** What the readers had seen when they were asked has come through the rings by now, and been taken. */
  #answerAskers(drainedAt: number): void {
    while (this.#askers.length > 0 && drainedAt - this.#askers[0]!.at >= RING_DELAY_MS) {
      const { progress, resolve } = this.#askers.shift()!;
      const targetCount = this.#setup.progress.targetCount + progress.targetCount;
      resolve({ ...progress, targetCount });
    }
  }
}

/** Reads what is seldom asked for from its facts: thousands wait for their turn, and each is to take little. */
class FoundHost implements LaneHost, WireHost {
  readonly address: string;

  constructor(readonly facts: HostFacts) {
    this.address = formatAddress(facts.address);
  }

  get port(): number {
    return this.facts.port;
  }

  get host(): WireHost {
    return this;
  }

  get addressNumber(): bigint {
    return this.facts.address;
  }

  get details(): HostDetails {
    const { timeToLive, window, roundTripMs } = this.facts;
    return { timeToLive, window, ...(roundTripMs !== undefined && { roundTripMs }) };
  }
}
