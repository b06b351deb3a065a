/**
 * One run's packet plane: its threads, its shared memory and its two rings.
 *
 * @module
 */
import { readAddress, writeAddress } from "./address.ts";
import * as bindings from "./bindings.ts";
import { check, native } from "./library.ts";
import { RingConsumer, RingProducer } from "./ring.ts";
import { Control } from "./shared_memory.ts";
import { FlatTargets, type Order, orderStruct, pointerTo, type TargetGroup } from "./targets.ts";

export interface PlaneConfig {
  readonly targets: readonly TargetGroup[];
  readonly order: Order;
  /** 16 random octets, the secret behind the run's cookies. */
  readonly cookieKey: Uint8Array;
  readonly local: bigint;
  readonly localHardware: Uint8Array;
  readonly gatewayHardware: Uint8Array;
  readonly interfaceIndex: number;
  /** In octets, of IP packets. */
  readonly mtu: number;
  readonly sourcePorts: { readonly first: number; readonly count: number };
  /** False leaves the source ports to the kernel, which then resets every answer. For tests only. */
  readonly guarded: boolean;
  /** Connections at once. */
  readonly flowCapacity: number;
  /** Passes behind the first over what is still unknown. */
  readonly retries: number;
  readonly targetsMax: number;
  /** After each pass, for late replies. */
  readonly cooldownMs: number;
  /** Verified hosts that may wait before the sender pauses. */
  readonly queueMax: number;
}

/** What a SYN-ACK said, as the packet plane wants it back to continue the handshake. */
export class HostFacts {
  readonly #view: DataView<ArrayBuffer>;
  readonly #offset: number;

  /** The struct stands at `offset` of `view`. */
  constructor(view: DataView<ArrayBuffer>, offset: number) {
    this.#view = view;
    this.#offset = offset;
  }

  /** The struct itself. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#view.buffer, this.#offset, bindings.HostFacts.size);
  }

  get address(): bigint {
    return readAddress(this.#view, this.#offset + bindings.HostFacts.remote);
  }

  get port(): number {
    return this.#view.getUint16(this.#offset + bindings.HostFacts.remotePort, true);
  }

  get timeToLive(): number {
    return this.#view.getUint8(this.#offset + bindings.HostFacts.timeToLive);
  }

  get window(): number {
    return this.#view.getUint16(this.#offset + bindings.HostFacts.window, true);
  }

  /** Undefined when the host sends no timestamps. */
  get roundTripMs(): number | undefined {
    const value = this.#view.getUint32(this.#offset + bindings.HostFacts.roundTripMs, true);
    return value === 0xffff_ffff ? undefined : value;
  }
}

/** Copies the facts of hosts out of the event ring, many into one buffer: one each costs three times as much. */
class FactsStore {
  #view = new DataView(new ArrayBuffer(0));
  #used = 0;

  copy(bytes: Uint8Array): HostFacts {
    if (this.#used === this.#view.byteLength) {
      this.#view = new DataView(new ArrayBuffer(FACTS_PER_BUFFER * bindings.HostFacts.size));
      this.#used = 0;
    }
    const facts = new HostFacts(this.#view, this.#used);
    facts.bytes.set(bytes);
    this.#used += bindings.HostFacts.size;
    return facts;
  }
}

export type EndReasonName = keyof typeof bindings.EndReason;

const END_REASONS = Object.keys(bindings.EndReason) as EndReasonName[];

export interface PlaneEvents {
  host(facts: HostFacts): void;
  /** `bytes` is only valid during the call. */
  data(connection: number, bytes: Uint8Array): void;
  ended(connection: number, reason: EndReasonName, bytesSent: number, bytesReceived: number): void;
}

const EVENT_RING_SIZE = 8 << 20;
const COMMAND_RING_SIZE = 4 << 20;
const WAIT_NS = 100_000_000n;
const FACTS_PER_BUFFER = 256;

/** The threads that sweep, receive and carry connections, from this side: commands go in, events come out. */
export class Plane {
  readonly #events: RingConsumer;
  readonly #commands: RingProducer;
  readonly #handle: bigint;
  readonly #targets: FlatTargets;
  readonly #facts = new FactsStore();
  /** Payloads of commands, written anew for each: what is pushed is copied. */
  readonly #openPayload = new DataView(new ArrayBuffer(bindings.Open.size));
  readonly #allowPayload = new Uint32Array(1);
  #hasCommands = false;
  #hasStarted = false;
  #waiting: Promise<number> | number = 0;

  /** Reserves ports, sockets and memory; throws {@linkcode NativeError}. Nothing is sent before `start`. */
  constructor(config: PlaneConfig, readonly control: Control) {
    const events = new SharedArrayBuffer(EVENT_RING_SIZE);
    const commands = new SharedArrayBuffer(COMMAND_RING_SIZE);
    this.#events = new RingConsumer(control.memory, bindings.Control.events, events);
    this.#commands = new RingProducer(control.memory, bindings.Control.commands, commands);
    this.#targets = new FlatTargets(config.targets);
    const handle = new BigUint64Array(1);
    check(native().margay_plane_open(this.#struct(config), handle), "prepare the packet plane");
    this.#handle = handle[0]!;
  }

  start(): void {
    check(native().margay_plane_start(this.#handle), "start the packet plane");
    this.#hasStarted = true;
  }

  /** Gives every event that is there to `events`, then hands over the commands given meanwhile. */
  drain(events: PlaneEvents): void {
    const { EventKind } = bindings;
    this.#events.drain((kind, connection, payload) => {
      if (kind === EventKind.data) {
        events.data(connection, payload);
      } else if (kind === EventKind.host) {
        events.host(this.#facts.copy(payload));
      } else if (kind === EventKind.ended) {
        const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
        const reason = END_REASONS[view.getUint32(bindings.Ended.reason, true)] ?? "exhausted";
        const bytesSent = Number(view.getBigUint64(bindings.Ended.bytesSent, true));
        const bytesReceived = Number(view.getBigUint64(bindings.Ended.bytesReceived, true));
        events.ended(connection, reason, bytesSent, bytesReceived);
      }
    });
    this.flush();
  }

  /** Resolves when there are events that came after `seen` was read, or after a tenth of a second. */
  async wait(seen: number): Promise<void> {
    this.#waiting = native().margay_plane_wait(this.#handle, seen, WAIT_NS);
    check(await this.#waiting, "wait for the packet plane");
  }

  /** Continues a host's handshake on a connection number below `flowCapacity` that is not in use. */
  open(
    connection: number,
    facts: HostFacts,
    firstBytes: Uint8Array,
    deadlineMs: number,
    receiveBytes: number,
  ): void {
    const payload = new Uint8Array(this.#openPayload.buffer);
    payload.set(facts.bytes, bindings.Open.facts);
    this.#openPayload.setBigUint64(bindings.Open.deadlineNs, BigInt(Math.round(deadlineMs * 1e6)), true);
    this.#openPayload.setUint32(bindings.Open.receiveBytes, receiveBytes, true);
    this.#command("open", connection, payload, firstBytes);
  }

  send(connection: number, bytes: Uint8Array): void {
    this.#command("send", connection, bytes);
  }

  allow(connection: number, bytes: number): void {
    this.#allowPayload[0] = bytes;
    this.#command("allow", connection, new Uint8Array(this.#allowPayload.buffer));
  }

  close(connection: number): void {
    this.#command("close", connection);
  }

  /** Resets the half-open connection of a host that will not be continued. */
  reject(facts: HostFacts): void {
    this.#command("reject", 0, facts.bytes);
  }

  /** Tells the reader that there are commands, if there are. */
  flush(): void {
    if (!this.#hasCommands) return;
    this.#hasCommands = false;
    check(native().margay_plane_kick(this.#handle), "wake the packet plane");
  }

  /** Ends the threads and frees everything. */
  async dispose(): Promise<void> {
    await this.#waiting;
    check(native().margay_plane_close(this.#handle), "end the packet plane");
  }

  #command(kind: keyof typeof bindings.CommandKind, connection: number, ...parts: Uint8Array[]): void {
    // Given outside a drain, by a timer say, it must not wait for the next one.
    if (!this.#hasCommands) queueMicrotask(() => this.flush());
    if (!this.#hasStarted) throw new Error("Cannot use the packet plane: it has not been started");
    this.#hasCommands = true;
    while (!this.#commands.push(bindings.CommandKind[kind], connection, ...parts)) {
      // The reader empties the ring within microseconds and never waits for this side.
      this.flush();
      this.#hasCommands = true;
    }
  }

  #struct(config: PlaneConfig): Uint8Array<ArrayBuffer> {
    const layout = bindings.Config;
    const bytes = new Uint8Array(layout.size);
    const view = new DataView(bytes.buffer);
    bytes.set(this.#targets.struct, layout.targets);
    bytes.set(orderStruct(config.order), layout.order);
    view.setBigUint64(layout.control, pointerTo(new Uint8Array(this.control.memory)), true);
    view.setBigUint64(layout.events, pointerTo(this.#events.memory), true);
    view.setBigUint64(layout.commands, pointerTo(this.#commands.memory), true);
    view.setBigUint64(layout.eventsSize, BigInt(EVENT_RING_SIZE), true);
    view.setBigUint64(layout.commandsSize, BigInt(COMMAND_RING_SIZE), true);
    bytes.set(config.cookieKey, layout.cookieKey);
    writeAddress(view, layout.local, config.local);
    bytes.set(config.localHardware, layout.localHardware);
    bytes.set(config.gatewayHardware, layout.gatewayHardware);
    view.setUint32(layout.interfaceIndex, config.interfaceIndex, true);
    view.setUint32(layout.mtu, config.mtu, true);
    view.setUint16(layout.sourcePortFirst, config.sourcePorts.first, true);
    view.setUint16(layout.sourcePortCount, config.sourcePorts.count, true);
    view.setUint32(layout.guarded, config.guarded ? 1 : 0, true);
    view.setUint32(layout.flowCapacity, config.flowCapacity, true);
    view.setUint32(layout.retries, config.retries, true);
    view.setBigUint64(layout.targetsMax, BigInt(config.targetsMax), true);
    view.setBigUint64(layout.cooldownNs, BigInt(Math.round(config.cooldownMs * 1e6)), true);
    view.setBigUint64(layout.queueMax, BigInt(config.queueMax), true);
    return bytes;
  }
}
