/**
 * One run's packet plane: its threads, its shared memory and its two rings.
 *
 * @module
 */
import { readAddress } from "./address.ts";
import * as bindings from "./bindings.ts";
import { flatAddresses, FlatHops, type PlaneHop, type PlaneRoute } from "./hops.ts";
import { check, native } from "./library.ts";
import { PlaneReply, ROUND_TRIP_UNKNOWN } from "./reply.ts";
import { RingConsumer, RingProducer } from "./ring.ts";
import { Control, type WalkProgress } from "./shared_memory.ts";
import { FlatTargets, type Order, orderStruct, pointerTo, type SampledTargets } from "./targets.ts";

export interface PlaneConfig {
  readonly targets: SampledTargets;
  readonly order: Order;
  /** 16 random octets, the secret behind the run's cookies. */
  readonly cookieKey: Uint8Array;
  readonly hops: readonly PlaneHop[];
  /** Sorted and disjoint. What is in none of them is not sent to. */
  readonly routes: readonly PlaneRoute[];
  /** Sources that this host does not have: the packet plane answers for them. */
  readonly unowned: readonly bigint[];
  readonly sourcePorts: { readonly first: number; readonly count: number };
  /** False leaves the source ports to the kernel, which then resets every answer. For tests only. */
  readonly guarded: boolean;
  /** Threads that read answers. */
  readonly readers: number;
  /** In octets, of all receive rings together. */
  readonly receiveMemory: number;
  /** Connections at once, of all readers together; 0 where hosts are not handed over. */
  readonly flowCapacity: number;
  /** What becomes of an open target: JavaScript goes on with it, it gets our reset, or nothing. */
  readonly manner: keyof typeof bindings.Manner;
  /** The verdicts that {@linkcode PlaneEvents.reply} tells. */
  readonly report: readonly (keyof typeof bindings.Verdict)[];
  readonly synOptions: keyof typeof bindings.Preset;
  readonly timeToLive: number;
  /** Passes behind the first over what is still unknown. */
  readonly retries: number;
  /** Of the first pass, from `progress` on. */
  readonly targetsMax: number;
  /** How far an earlier process had come with the same targets and order. */
  readonly progress: Omit<WalkProgress, "targetCount">;
  /** After each pass, for late replies; `auto` goes by the round trips seen. */
  readonly cooldownMs: number | "auto";
  /** Verified hosts that may wait before the sender pauses. */
  readonly queueMax: number;
  /** How long an interface may take no frames before the sweep fails. */
  readonly blockedMsMax: number;
}

/** What a SYN-ACK said, as the packet plane wants it back to continue the handshake. */
export class HostFacts {
  readonly #view: DataView<ArrayBuffer>;
  readonly #offset: number;

  /** The struct stands at `offset` of `view`; `reader` is the number of the reader that it came from. */
  constructor(view: DataView<ArrayBuffer>, offset: number, readonly reader: number) {
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

  /** Where our stream goes on: the next connection's starts behind it. */
  set sequence(position: number) {
    this.#view.setUint32(this.#offset + bindings.HostFacts.sequence, position, true);
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
    return value === ROUND_TRIP_UNKNOWN ? undefined : value;
  }
}

/** Copies the facts of hosts out of the event ring, many into one buffer: one each costs three times as much. */
class FactsStore {
  #view = new DataView(new ArrayBuffer(0));
  #octets = new Uint8Array(this.#view.buffer);
  #used = 0;

  copy(bytes: Uint8Array, reader: number): HostFacts {
    if (this.#used === this.#view.byteLength) {
      this.#view = new DataView(new ArrayBuffer(FACTS_PER_BUFFER * bindings.HostFacts.size));
      this.#octets = new Uint8Array(this.#view.buffer);
      this.#used = 0;
    }
    const facts = new HostFacts(this.#view, this.#used, reader);
    this.#octets.set(bytes, this.#used);
    this.#used += bindings.HostFacts.size;
    return facts;
  }
}

export type EndReasonName = keyof typeof bindings.EndReason;

/** Whether a connection goes on with the handshake that verified its host, or starts with one of its own. */
export type HandshakeName = keyof typeof bindings.Handshake;

const END_REASONS = Object.keys(bindings.EndReason) as EndReasonName[];

export interface PlaneEvents {
  host(facts: HostFacts): void;
  /** Only valid during the call. A later one about the same target says more: verdicts only upgrade. */
  reply(reply: PlaneReply): void;
  /** A target that frames do not reach and sockets do. */
  diverted(address: bigint, port: number): void;
  /** `bytes` is only valid during the call. */
  data(connection: number, bytes: Uint8Array): void;
  /** `sequence` is where our stream ended. */
  ended(
    connection: number,
    reason: EndReasonName,
    bytesSent: number,
    bytesReceived: number,
    sequence: number,
  ): void;
}

/** Of one reader. */
const EVENT_RING_SIZE = 8 << 20;
const COMMAND_RING_SIZE = 4 << 20;
const SENDER_RING_SIZE = 1 << 18;
const WAIT_NS = 100_000_000n;
const FACTS_PER_BUFFER = 256;
const SILENT_PER_CALL = 1024;

/** One reader's two rings, from this side. */
interface Channel {
  readonly events: RingConsumer;
  readonly commands: RingProducer;
  hasCommands: boolean;
}

/** The threads that sweep, receive and carry connections, from this side: commands go in, events come out. */
export class Plane {
  readonly #channels: readonly Channel[];
  readonly #senderEvents: RingConsumer;
  /** Connections of each reader: the numbers of the first come before those of the second. */
  readonly #flowsPerReader: number;
  readonly #handle: bigint;
  /** What the library has pointers to. */
  readonly #borrowed: readonly unknown[];
  readonly #facts = new FactsStore();
  readonly #reply = new PlaneReply();
  /** Payloads of commands, written anew for each: what is pushed is copied. */
  readonly #openPayload = new DataView(new ArrayBuffer(bindings.Open.size));
  readonly #openOctets = new Uint8Array(this.#openPayload.buffer);
  readonly #allowPayload = new Uint32Array(1);
  #hasStarted = false;
  #waiting: Promise<number> | number = 0;

  /** Reserves ports, sockets and memory; throws {@linkcode NativeError}. Nothing is sent before `start`. */
  constructor(config: PlaneConfig, readonly control: Control) {
    const memories: PlaneMemories = {
      channels: new SharedArrayBuffer(config.readers * bindings.Channel.size),
      events: new SharedArrayBuffer(config.readers * EVENT_RING_SIZE),
      commands: new SharedArrayBuffer(config.readers * COMMAND_RING_SIZE),
      senderEvents: new SharedArrayBuffer(SENDER_RING_SIZE),
    };
    this.#channels = Array.from({ length: config.readers }, (_, reader): Channel => {
      const positions = reader * bindings.Channel.size;
      const events = new Uint8Array(memories.events, reader * EVENT_RING_SIZE, EVENT_RING_SIZE);
      const commands = new Uint8Array(memories.commands, reader * COMMAND_RING_SIZE, COMMAND_RING_SIZE);
      return {
        events: new RingConsumer(memories.channels, positions + bindings.Channel.events, events),
        commands: new RingProducer(memories.channels, positions + bindings.Channel.commands, commands),
        hasCommands: false,
      };
    });
    this.#senderEvents = new RingConsumer(
      control.memory,
      bindings.Control.senderEvents,
      new Uint8Array(memories.senderEvents),
    );
    this.#flowsPerReader = Math.ceil(config.flowCapacity / config.readers);
    const targets = new FlatTargets(config.targets);
    const hops = new FlatHops(config.hops, config.routes);
    const unowned = flatAddresses(config.unowned);
    this.#borrowed = [memories, targets, hops, unowned];
    const handle = new BigUint64Array(1);
    const struct = this.#struct(config, memories, targets, hops, unowned);
    check(native().margay_plane_open(struct, handle), "prepare the packet plane");
    this.#handle = handle[0]!;
  }

  start(): void {
    check(native().margay_plane_start(this.#handle), "start the packet plane");
    this.#hasStarted = true;
  }

  /**
   * Gives every event that is there to `events`, then hands over the commands given meanwhile. `takesDiverted` is false
   * where diverted targets would pile up: the sender then waits with them.
   */
  drain(events: PlaneEvents, takesDiverted = true): void {
    this.#channels.forEach((channel, reader) =>
      this.#drain(channel.events, this.firstConnectionOf(reader), events)
    );
    if (takesDiverted) this.#drain(this.#senderEvents, 0, events);
    this.flush();
  }

  /** Resolves when there are events that came after `seen` was read, or after a tenth of a second. */
  async wait(seen: number): Promise<void> {
    this.#waiting = native().margay_plane_wait(this.#handle, seen, WAIT_NS);
    check(await this.#waiting, "wait for the packet plane");
  }

  /** Yields the targets that were probed and kept silent, in sending order. Once, when the sweep is over. */
  *silentTargets(): Generator<{ address: bigint; port: number }> {
    const { size, address, port } = bindings.WalkTarget;
    const found = new Uint8Array(size * SILENT_PER_CALL);
    const view = new DataView(found.buffer);
    const count = new Uint32Array(1);
    do {
      check(native().margay_plane_silent(this.#handle, found, SILENT_PER_CALL, count), "list silent targets");
      for (let at = 0; at < count[0]! * size; at += size) {
        yield { address: readAddress(view, at + address), port: view.getUint16(at + port, true) };
      }
    } while (count[0] === SILENT_PER_CALL);
  }

  /** The first of a reader's connection numbers. A host can only be continued by the reader that told of it. */
  firstConnectionOf(reader: number): number {
    return reader * this.#flowsPerReader;
  }

  /** The reader that carries a connection. */
  readerOf(connection: number): number {
    return Math.floor(connection / this.#flowsPerReader);
  }

  /** Opens a connection to a host on a number of its reader's that is not in use. */
  open(
    connection: number,
    handshake: HandshakeName,
    facts: HostFacts,
    firstBytes: Uint8Array,
    deadlineMs: number,
    receiveBytes: number,
  ): void {
    this.#openOctets.set(facts.bytes, bindings.Open.facts);
    setUint64(this.#openPayload, bindings.Open.deadlineNs, Math.round(deadlineMs * 1e6));
    this.#openPayload.setUint32(bindings.Open.receiveBytes, receiveBytes, true);
    this.#openPayload.setUint32(bindings.Open.handshake, bindings.Handshake[handshake], true);
    this.#command("open", connection, this.#openOctets, firstBytes);
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
    this.#command("reject", this.firstConnectionOf(facts.reader), facts.bytes);
  }

  /** Tells the readers that there are commands, if there are. */
  flush(): void {
    this.#channels.forEach((channel, reader) => {
      if (!channel.hasCommands) return;
      channel.hasCommands = false;
      check(native().margay_plane_kick(this.#handle, reader), "wake the packet plane");
    });
  }

  /** Ends the threads and frees everything. */
  async dispose(): Promise<void> {
    await this.#waiting;
    check(native().margay_plane_close(this.#handle), "end the packet plane");
  }

  #drain(ring: RingConsumer, firstConnection: number, events: PlaneEvents): void {
    const { EventKind, Ended, WalkTarget } = bindings;
    const { memory, view } = ring;
    ring.drain((kind, number, start, end) => {
      const connection = firstConnection + number;
      if (kind === EventKind.reply) {
        this.#reply.show(memory.subarray(start, end));
        events.reply(this.#reply);
      } else if (kind === EventKind.data) {
        events.data(connection, memory.subarray(start, end));
      } else if (kind === EventKind.host) {
        // Hosts come without a connection: what stands there is the first of their reader.
        events.host(this.#facts.copy(memory.subarray(start, end), this.readerOf(connection)));
      } else if (kind === EventKind.ended) {
        const reason = END_REASONS[view.getUint32(start + Ended.reason, true)] ?? "exhausted";
        const bytesSent = uint64At(view, start + Ended.bytesSent);
        const bytesReceived = uint64At(view, start + Ended.bytesReceived);
        const sequence = view.getUint32(start + Ended.sequence, true);
        events.ended(connection, reason, bytesSent, bytesReceived, sequence);
      } else if (kind === EventKind.diverted) {
        const port = view.getUint16(start + WalkTarget.port, true);
        events.diverted(readAddress(view, start + WalkTarget.address), port);
      }
    });
  }

  #command(kind: keyof typeof bindings.CommandKind, connection: number, ...parts: Uint8Array[]): void {
    if (!this.#hasStarted) throw new Error("Cannot use the packet plane: it has not been started");
    const channel = this.#channels[this.readerOf(connection)]!;
    // Given outside a drain, by a timer say, it must not wait for the next one.
    if (!channel.hasCommands) queueMicrotask(() => this.flush());
    channel.hasCommands = true;
    const number = connection % this.#flowsPerReader;
    while (!channel.commands.push(bindings.CommandKind[kind], number, ...parts)) {
      // The reader empties the ring within microseconds and never waits for this side.
      this.flush();
      channel.hasCommands = true;
    }
  }

  #struct(
    config: PlaneConfig,
    memories: PlaneMemories,
    targets: FlatTargets,
    hops: FlatHops,
    unowned: Uint8Array<ArrayBuffer>,
  ): Uint8Array<ArrayBuffer> {
    const layout = bindings.Config;
    const bytes = new Uint8Array(layout.size);
    const view = new DataView(bytes.buffer);
    const pointer = (offset: number, memory: ArrayBufferView<ArrayBufferLike>) =>
      view.setBigUint64(offset, pointerTo(memory), true);
    const long = (offset: number, value: number) => view.setBigUint64(offset, BigInt(value), true);
    const word = (offset: number, value: number) => view.setUint32(offset, value, true);
    bytes.set(targets.struct, layout.targets);
    bytes.set(orderStruct(config.order), layout.order);
    pointer(layout.control, new Uint8Array(this.control.memory));
    pointer(layout.channels, new Uint8Array(memories.channels));
    pointer(layout.events, new Uint8Array(memories.events));
    pointer(layout.commands, new Uint8Array(memories.commands));
    pointer(layout.senderEvents, new Uint8Array(memories.senderEvents));
    long(layout.eventsSize, EVENT_RING_SIZE);
    long(layout.commandsSize, COMMAND_RING_SIZE);
    long(layout.senderEventsSize, SENDER_RING_SIZE);
    pointer(layout.hops, hops.hops);
    pointer(layout.routes, hops.routes);
    pointer(layout.sources, hops.sources);
    pointer(layout.unowned, unowned);
    word(layout.hopCount, config.hops.length);
    word(layout.routeCount, config.routes.length);
    word(layout.sourceCount, hops.sources.length / 16);
    word(layout.unownedCount, config.unowned.length);
    bytes.set(config.cookieKey, layout.cookieKey);
    view.setUint16(layout.sourcePortFirst, config.sourcePorts.first, true);
    view.setUint16(layout.sourcePortCount, config.sourcePorts.count, true);
    word(layout.guarded, config.guarded ? 1 : 0);
    word(layout.readerCount, config.readers);
    word(layout.flowCapacity, this.#flowsPerReader);
    long(layout.receiveMemory, config.receiveMemory);
    word(layout.manner, bindings.Manner[config.manner]);
    word(layout.report, config.report.reduce((bits, verdict) => bits | 1 << bindings.Verdict[verdict], 0));
    word(layout.synOptions, bindings.Preset[config.synOptions]);
    word(layout.timeToLive, config.timeToLive);
    word(layout.retries, config.retries);
    long(layout.targetsMax, config.targetsMax);
    const { cursor, repeatCursor, repeatPass } = config.progress;
    view.setBigUint64(layout.progress + bindings.Progress.cursor, cursor, true);
    view.setBigUint64(layout.progress + bindings.Progress.repeatCursor, repeatCursor, true);
    long(layout.progress + bindings.Progress.repeatPass, repeatPass);
    view.setBigUint64(layout.cooldownNs, nanoseconds(config.cooldownMs), true);
    long(layout.queueMax, config.queueMax);
    view.setBigUint64(layout.blockedNsMax, nanoseconds(config.blockedMsMax), true);
    return bytes;
  }
}

/** What the threads and this side share, beside the control block. */
interface PlaneMemories {
  readonly channels: SharedArrayBuffer;
  readonly events: SharedArrayBuffer;
  readonly commands: SharedArrayBuffer;
  readonly senderEvents: SharedArrayBuffer;
}

function nanoseconds(milliseconds: number | "auto"): bigint {
  return milliseconds === "auto" ? 2n ** 64n - 1n : BigInt(Math.round(milliseconds * 1e6));
}

/** For numbers below 2^53: a bigint for each would be one more object of every connection. */
function setUint64(view: DataView, offset: number, value: number): void {
  view.setUint32(offset, value % 2 ** 32, true);
  view.setUint32(offset + 4, Math.floor(value / 2 ** 32), true);
}

/** As {@linkcode setUint64}. */
function uint64At(view: DataView<SharedArrayBuffer>, offset: number): number {
  return view.getUint32(offset, true) + view.getUint32(offset + 4, true) * 2 ** 32;
}
