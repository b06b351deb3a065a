import type { Governor } from "../governor/mod.ts";
import { formatAddress } from "../targets/mod.ts";
import { EMPTY_FRAME_BYTES, isUnreachable, KernelTransport, SYN_FRAME_BYTES } from "../transport/mod.ts";
import type { WalkProgress } from "../../ffi/mod.ts";
import { KernelTargets } from "./kernel_targets.ts";
import type { Lane, LaneCounters, SweepEvents } from "./lane.ts";
import { Slots } from "./slots.ts";
import type { Target, TargetFeed } from "./target_feed.ts";

export interface KernelSettings {
  readonly retries: number;
  /** Connections at once, those that are being made included. */
  readonly concurrency: number;
}

/** What came of a target that did not connect. */
export type KernelRefusal = "closed" | "unreachable" | "filtered";

/** Who hears what a sweep through the kernel comes to. */
export interface KernelSweepEvents extends SweepEvents {
  /** Every other target, each once. */
  refusal?(target: Target, refusal: KernelRefusal): void;
}

/** Targets in the order of probing, known from the start or still to come. */
export type Targets = KernelTargets | TargetFeed;

/** How long an attempt may take: the first SYN and the one that Linux sends after a second, with time to answer it. */
const CONNECT_TIMEOUT_MS = 2_500;

/** Connections by the kernel: the probe is a connect(2), and its outcome the verdict. */
export class KernelLane implements Lane {
  readonly #targets: Targets;
  readonly #settings: KernelSettings;
  readonly #governor: Governor;
  readonly transport: KernelTransport;
  /** A host that was just found has its slot already, and one that is opened again awaits another. */
  readonly hasRoom = true;
  readonly #tally = {
    probesSent: 0,
    verified: 0,
    closed: 0,
    unreachable: 0,
    bytesSent: 0,
    bytesReceived: 0,
  };
  readonly #stop = new AbortController();
  /** In the order of probing: those that were taken, and whose outcome is not known. */
  readonly #unsettled = new Set<Target>();
  #isAsking = true;
  readonly #slots: Slots;

  constructor(targets: Targets, settings: KernelSettings, governor: Governor) {
    this.#targets = targets;
    this.#settings = settings;
    this.#governor = governor;
    this.#slots = new Slots(settings.concurrency);
    this.transport = new KernelTransport({
      onTraffic: (bytesSent, bytesReceived) => {
        governor.spendWire(bytesSent + bytesReceived);
        this.#count(bytesSent, bytesReceived);
      },
      acquire: () => this.#slots.acquire(),
      onRelease: () => this.#slots.release(),
    });
  }

  /**
   * As {@linkcode Lane.sweep}. A target that keeps silent is asked again at once: a list of all such targets would grow
   * with the sweep.
   */
  async sweep(events: KernelSweepEvents): Promise<void> {
    const attempts = new Set<Promise<void>>();
    for await (const target of this.#targets) {
      this.#unsettled.add(target);
      await this.#slots.acquire();
      await this.#waitForBudget();
      if (this.#isStopped) {
        this.#slots.release();
        break;
      }
      const attempt = this.#ask(target, events).then((refusal) => {
        attempts.delete(attempt);
        // What was broken off is not known to be silent.
        if (refusal === "filtered" && this.#isStopped) return;
        this.#unsettled.delete(target);
        if (refusal !== undefined) events.refusal?.(target, refusal);
      });
      attempts.add(attempt);
    }
    this.#isAsking = false;
    await Promise.all(attempts);
  }

  get isAsking(): boolean {
    return this.#isAsking;
  }

  progress(): Promise<WalkProgress | undefined> {
    const [first] = this.#unsettled;
    const targets = this.#targets;
    return Promise.resolve(targets instanceof KernelTargets ? targets.progressBefore(first) : undefined);
  }

  get unsettled(): readonly Target[] {
    // A walk meets its own again.
    return this.#targets instanceof KernelTargets ? [] : [...this.#unsettled, ...this.#targets.waiting];
  }

  settle(): void {}

  stopSending(): void {
    this.#stop.abort();
  }

  counters(): LaneCounters {
    return { ...this.#tally, passedOver: 0, sendDrops: 0, receiveDrops: 0 };
  }

  dispose(): Promise<void> {
    this.stopSending();
    this.transport.closeAll();
    return Promise.resolve();
  }

  get #isStopped(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Connects to a target, again where it keeps silent; resolves to why not. Its slot is then free. */
  async #ask(target: Target, events: KernelSweepEvents): Promise<KernelRefusal | undefined> {
    let refusal = await this.#probe(target, events);
    for (let retry = 0; refusal === "filtered" && retry < this.#settings.retries; retry++) {
      await this.#waitForBudget();
      if (this.#isStopped) break;
      refusal = await this.#probe(target, events);
    }
    if (refusal !== undefined) this.#slots.release();
    return refusal;
  }

  async #waitForBudget(): Promise<void> {
    while (!this.#isStopped) {
      const waitMs = this.#governor.admitProbe(SYN_FRAME_BYTES);
      if (waitMs === 0) return;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }

  /** Connects to a target; resolves to why not. */
  async #probe(target: Target, events: KernelSweepEvents): Promise<KernelRefusal | undefined> {
    const address = formatAddress(target.address);
    this.#tally.probesSent++;
    this.#count(SYN_FRAME_BYTES, 0);
    try {
      const signal = AbortSignal.any([AbortSignal.timeout(CONNECT_TIMEOUT_MS), this.#stop.signal]);
      const socket = await Deno.connect({ hostname: address, port: target.port, signal });
      this.#answered(SYN_FRAME_BYTES);
      this.#tally.verified++;
      const host = { address, port: target.port, socket };
      events.host({ host, addressNumber: target.address, details: {} });
      return undefined;
    } catch (error) {
      if (error instanceof Deno.errors.ConnectionRefused) {
        this.#tally.closed++;
        this.#answered(EMPTY_FRAME_BYTES);
        return "closed";
      }
      if (!isUnreachable(error)) return "filtered";
      this.#tally.unreachable++;
      return "unreachable";
    }
  }

  /** Octets that came outside any reservation. */
  #answered(bytes: number): void {
    this.#governor.spend(bytes);
    this.#count(0, bytes);
  }

  #count(bytesSent: number, bytesReceived: number): void {
    this.#tally.bytesSent += bytesSent;
    this.#tally.bytesReceived += bytesReceived;
  }
}
