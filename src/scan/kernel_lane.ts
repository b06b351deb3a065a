import { walk, wholeOrder } from "../../ffi/mod.ts";
import type { Governor } from "../governor/mod.ts";
import { formatAddress, type TargetSet } from "../targets/mod.ts";
import { EMPTY_FRAME_BYTES, KernelTransport, SYN_FRAME_BYTES } from "../transport/mod.ts";
import type { Lane, LaneCounters, LaneHost } from "./lane.ts";
import { Slots } from "./slots.ts";

export interface KernelSettings {
  readonly seed: bigint;
  readonly targetsMax: number;
  readonly retries: number;
  /** Connections at once, those that are being made included. */
  readonly concurrency: number;
}

interface Target {
  readonly address: bigint;
  readonly port: number;
}

/** How long an attempt may take: the first SYN and the one that Linux sends after a second, with time to answer it. */
const CONNECT_TIMEOUT_MS = 2_500;

/** Connections by the kernel: the probe is a connect(2), and its outcome the verdict. */
export class KernelLane implements Lane {
  readonly #targets: TargetSet;
  readonly #settings: KernelSettings;
  readonly #governor: Governor;
  readonly transport: KernelTransport;
  /** Every connection that gets this far already has its slot. */
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

  constructor(targets: TargetSet, settings: KernelSettings, governor: Governor) {
    this.#targets = targets;
    this.#settings = settings;
    this.#governor = governor;
    this.#slots = new Slots(settings.concurrency);
    this.transport = new KernelTransport({
      onTraffic: (bytesSent, bytesReceived) => {
        governor.spendWire(bytesSent + bytesReceived);
        this.#count(bytesSent, bytesReceived);
      },
      onRelease: () => this.#slots.release(),
    });
  }

  async sweep(onHost: (found: LaneHost) => void): Promise<void> {
    const { seed, targetsMax } = this.#settings;
    let targets: Iterable<Target> = walk(this.#targets.groups, wholeOrder(seed), targetsMax);
    for (let pass = 0; pass <= this.#settings.retries && !this.#stop.signal.aborted; pass++) {
      targets = await this.#sendPass(targets, onHost);
    }
  }

  settle(): void {}

  stopSending(): void {
    this.#stop.abort();
  }

  counters(): LaneCounters {
    return { ...this.#tally, sendDrops: 0, receiveDrops: 0 };
  }

  dispose(): Promise<void> {
    this.stopSending();
    this.transport.closeAll();
    return Promise.resolve();
  }

  /** Connects to each target; resolves to those that kept silent. */
  async #sendPass(targets: Iterable<Target>, onHost: (found: LaneHost) => void): Promise<Target[]> {
    const silent: Target[] = [];
    const attempts = new Set<Promise<void>>();
    for (const target of targets) {
      await this.#slots.acquire();
      await this.#waitForBudget();
      if (this.#stop.signal.aborted) {
        this.#slots.release();
        break;
      }
      const attempt = this.#probe(target, onHost, silent).finally(() => attempts.delete(attempt));
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

  async #probe(target: Target, onHost: (found: LaneHost) => void, silent: Target[]): Promise<void> {
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
    } catch (error) {
      this.#slots.release();
      if (error instanceof Deno.errors.ConnectionRefused) {
        this.#tally.closed++;
        this.#answered(EMPTY_FRAME_BYTES);
      } else if (isUnreachable(error)) {
        this.#tally.unreachable++;
      } else {
        silent.push(target);
      }
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

/** EHOSTUNREACH and ENETUNREACH, for which Deno has classes only in part. */
function isUnreachable(error: unknown): boolean {
  return error instanceof Error && /unreachable|no route to host/i.test(error.message);
}
