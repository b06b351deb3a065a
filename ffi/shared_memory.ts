import { Bucket } from "./bucket.ts";
import * as bindings from "./bindings.ts";

type CounterName = {
  [Name in keyof typeof bindings.Control]: Name extends
    | "size"
    | "budget"
    | "senderEvents"
    | "eventCounter"
    | "sweepState"
    | "failureCode"
    | "blockedInterface"
    | "stopSending"
    | "pass"
    | "sendMethod" ? never
    : Name;
}[keyof typeof bindings.Control];

export type SweepStateName = keyof typeof bindings.SweepState;

export type SendMethod = keyof typeof bindings.Method;

const SEND_METHODS = Object.keys(bindings.Method) as SendMethod[];
const SWEEP_STATES = Object.keys(bindings.SweepState) as SweepStateName[];

/** How far a walk has come: in front of these places everything has been asked, and has had its time to answer. */
export interface WalkProgress {
  /** Of the first pass, and how many targets lie in front of it. */
  readonly cursor: bigint;
  readonly targetCount: number;
  /** Of the pass behind it that is under way, and which that is; 0 while it is the first. */
  readonly repeatCursor: bigint;
  readonly repeatPass: number;
}

/** Of a walk that has not begun. */
export const NO_PROGRESS: WalkProgress = { cursor: 0n, targetCount: 0, repeatCursor: 0n, repeatPass: 0 };

/** The block of counters, gates and buckets that this side shares with the packet plane's threads. */
export class Control {
  readonly memory = new SharedArrayBuffer(bindings.Control.size);
  /** Probes per second. */
  readonly probes = this.#bucket(bindings.Budget.probes);
  /** Octets of Ethernet frames as they move, both directions. */
  readonly wire = this.#bucket(bindings.Budget.wire);
  /** Octets of Ethernet frames as they are promised. */
  readonly commitment = this.#bucket(bindings.Budget.commitment);

  readonly #long = new BigUint64Array(this.memory);
  readonly #short = new Int32Array(this.memory);

  counter(name: CounterName): number {
    return Number(Atomics.load(this.#long, bindings.Control[name] / 8));
  }

  setCounter(name: CounterName, value: number): void {
    Atomics.store(this.#long, bindings.Control[name] / 8, BigInt(value));
  }

  get sweepState(): SweepStateName {
    return SWEEP_STATES[this.#word(bindings.Control.sweepState)] ?? "idle";
  }

  get failureCode(): number {
    return this.#word(bindings.Control.failureCode);
  }

  /** The index of the interface that took no frames when the state became `blocked`. */
  get blockedInterface(): number {
    return this.#word(bindings.Control.blockedInterface);
  }

  /** The pass under way; 0 is the first. */
  get pass(): number {
    return this.#word(bindings.Control.pass);
  }

  /** How frames leave through the first interface; `measured` while that is still being found out. */
  get sendMethod(): SendMethod {
    return SEND_METHODS[this.#word(bindings.Control.sendMethod)] ?? "measured";
  }

  /** Where in the permutation a later run would go on, exactly. */
  get cursor(): bigint {
    return Atomics.load(this.#long, bindings.Control.cursor / 8);
  }

  /**
   * How far the walk has come; the count is that of this process alone. Undefined while the packet plane writes it: one
   * that is read in between would be none.
   */
  get progress(): WalkProgress | undefined {
    const version = this.counter("progressVersion");
    const progress = {
      cursor: this.cursor,
      targetCount: this.counter("targetsSettled"),
      repeatCursor: Atomics.load(this.#long, bindings.Control.repeatCursor / 8),
      repeatPass: this.counter("repeatPass"),
    };
    return version % 2 === 0 && this.counter("progressVersion") === version ? progress : undefined;
  }

  /** Advanced by the packet plane with each batch of events. */
  get eventCount(): number {
    return this.#word(bindings.Control.eventCounter + bindings.EventCounter.value) >>> 0;
  }

  stopSending(): void {
    Atomics.store(this.#short, bindings.Control.stopSending / 4, 1);
  }

  #word(offset: number): number {
    return Atomics.load(this.#short, offset / 4);
  }

  #bucket(offset: number): Bucket {
    // The library takes any memory; only the type says that it is not shared.
    const memory = new Uint8Array(this.memory, bindings.Control.budget + offset, bindings.Bucket.size);
    return new Bucket(memory as Uint8Array as Uint8Array<ArrayBuffer>);
  }
}
