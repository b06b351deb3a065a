import type { Governor } from "../governor/mod.ts";
import { formatAddress } from "../targets/mod.ts";
import { EMPTY_FRAME_BYTES, isUnreachable, KernelTransport, SYN_FRAME_BYTES } from "../transport/mod.ts";
import type { Lane, LaneCounters, LaneHost } from "./lane.ts";
import { Slots } from "./slots.ts";
import type { Target } from "./target_feed.ts";

export interface KernelSettings {
  readonly retries: number;
  /** Connections at once, those that are being made included. */
  readonly concurrency: number;
}

/** What came of a target that did not connect. */
export type KernelRefusal = "closed" | "unreachable" | "filtered";

/** Targets in the order of probing, known from the start or still to come. */
export type Targets = Iterable<Target> | AsyncIterable<Target>;

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

  /** As {@linkcode Lane.sweep}; `onRefusal` hears of every other target once. */
  async sweep(
    onHost: (found: LaneHost) => void,
    onRefusal: (target: Target, refusal: KernelRefusal) => void = () => {},
  ): Promise<void> {
    let targets = this.#targets;
    for (let pass = 0; pass < this.#settings.retries && !this.#stop.signal.aborted; pass++) {
      targets = await this.#sendPass(targets, onHost, onRefusal);
    }
    const silent = await this.#sendPass(targets, onHost, onRefusal);
    if (this.#stop.signal.aborted) return;
    for (const target of silent) onRefusal(target, "filtered");
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

  /** Connects to each target; resolves to those that kept silent. */
  async #sendPass(
    targets: Targets,
    onHost: (found: LaneHost) => void,
    onRefusal: (target: Target, refusal: KernelRefusal) => void,
  ): Promise<Target[]> {
    const silent: Target[] = [];
    const attempts = new Set<Promise<void>>();
    for await (const target of targets) {
      await this.#slots.acquire();
      await this.#waitForBudget();
      if (this.#stop.signal.aborted) {
        this.#slots.release();
        break;
      }
      const attempt = this.#probe(target, onHost).then((refusal) => {
        if (refusal === "filtered") silent.push(target);
        else if (refusal !== undefined) onRefusal(target, refusal);
        attempts.delete(attempt);
      });
      attempts.add(attempt);
    }
    await Promise.all(attempts);
    return silent;
  }

  async #waitForBudget(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const waitMs = this.#governor.admitProbe(SYN_FRAME_BYTES);
      if (waitMs === 0) return;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }

  /** Connects to a target; resolves to why not. */
  async #probe(target: Target, onHost: (found: LaneHost) => void): Promise<KernelRefusal | undefined> {
    const address = formatAddress(target.address);
    this.#tally.probesSent++;
    this.#count(SYN_FRAME_BYTES, 0);
    try {
      const signal = AbortSignal.any([AbortSignal.timeout(CONNECT_TIMEOUT_MS), this.#stop.signal]);
      const socket = await Deno.connect({ hostname: address, port: target.port, signal });
      this.#answered(SYN_FRAME_BYTES);
      this.#tally.verified++;
      const host = { address, port: target.port, socket };
      onHost({ host, addressNumber: target.address, details: {} });
      return undefined;
    } catch (error) {
      this.#slots.release();
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
