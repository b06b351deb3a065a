import type { EndReasonName, HandshakeName, HostFacts, Plane } from "../../ffi/mod.ts";
import { ExpectedAnswers } from "./expected_answers.ts";
import type {
  Connection,
  ConnectionHandler,
  ConnectionLimits,
  EndReason,
  Host,
  Traffic,
  Transport,
} from "./transport.ts";

/** A host that the packet plane verified, with what it takes to continue its handshake. */
export interface WireHost extends Host {
  readonly facts: HostFacts;
}

/** User-space TCP in the packet plane. Whoever drains the plane's events hands `data` and `ended` to this class. */
export class WireTransport implements Transport<WireHost> {
  readonly #plane: Plane;
  readonly name = "wire";
  /** By connection number. */
  readonly #connections: (WireConnection | undefined)[] = [];
  /** By reader: numbers that were used and are free again, and the first that never was. */
  readonly #numbers = new Map<number, { readonly free: number[]; next: number }>();
  #openCount = 0;
  #answeredCount = 0;
  readonly #expected = new ExpectedAnswers(performance.now());

  /** `capacity` is how many connections each of the plane's readers carries. */
  constructor(plane: Plane, readonly capacity: number) {
    this.#plane = plane;
  }

  /** Connections that are open now. */
  get openCount(): number {
    return this.#openCount;
  }

  /** Those of them whose peer may still be expected to answer, by the clock that {@linkcode advance} sets. */
  get expectedCount(): number {
    return this.#expected.count;
  }

  /** Connections that have ended other than by their deadline, or for want of room. */
  get answeredCount(): number {
    return this.#answeredCount;
  }

  /** Sets the clock; to be called before what has happened since is handed over. */
  advance(nowMs: number): void {
    this.#expected.advance(nowMs);
  }

  open(
    host: WireHost,
    firstBytes: Uint8Array,
    handler: ConnectionHandler,
    limits: ConnectionLimits,
  ): Connection {
    return this.#start("continued", host, firstBytes, handler, limits);
  }

  reopen(
    host: WireHost,
    firstBytes: Uint8Array,
    handler: ConnectionHandler,
    limits: ConnectionLimits,
  ): Connection {
    return this.#start("fresh", host, firstBytes, handler, limits);
  }

  reject(host: WireHost): void {
    this.#plane.reject(host.facts);
  }

  data(number: number, bytes: Uint8Array): void {
    this.#connections[number]?.receive(bytes);
  }

  /** `sequence` is where our stream ended. */
  ended(number: number, reason: EndReasonName, traffic: Traffic, sequence: number): void {
    const connection = this.#connections[number];
    if (connection === undefined) return;
    connection.facts.sequence = sequence;
    this.#connections[number] = undefined;
    this.#numbers.get(this.#plane.readerOf(number))!.free.push(number);
    this.#openCount--;
    const isAnswered = reason !== "timeout" && reason !== "exhausted";
    if (isAnswered) this.#answeredCount++;
    this.#expected.end(connection.period, isAnswered);
    connection.end(reason, traffic);
  }

  #start(
    handshake: HandshakeName,
    host: WireHost,
    firstBytes: Uint8Array,
    handler: ConnectionHandler,
    limits: ConnectionLimits,
  ): Connection {
    if (this.#openCount >= this.capacity) {
      queueMicrotask(() => handler.onEnd("exhausted", { bytesSent: 0, bytesReceived: 0 }));
      return { send() {}, allow() {}, close() {} };
    }
    this.#openCount++;
    const numbers = this.#numbersOf(host);
    const number = numbers.free.pop() ?? numbers.next++;
    const connection = new WireConnection(this.#plane, number, host.facts, handler, this.#expected.begin());
    this.#connections[number] = connection;
    this.#plane.open(number, handshake, host.facts, firstBytes, limits.deadlineMs, limits.receiveBytes);
    return connection;
  }

  #numbersOf({ facts }: WireHost) {
    let numbers = this.#numbers.get(facts.reader);
    if (numbers === undefined) {
      numbers = { free: [], next: this.#plane.firstConnectionOf(facts.reader) };
      this.#numbers.set(facts.reader, numbers);
    }
    return numbers;
  }
}

class WireConnection implements Connection {
  readonly #plane: Plane;
  readonly #number: number;
  readonly #handler: ConnectionHandler;
  #hasEnded = false;
  #isLeaving = false;

  /** `period` is when it was opened. */
  constructor(
    plane: Plane,
    number: number,
    readonly facts: HostFacts,
    handler: ConnectionHandler,
    readonly period: number,
  ) {
    this.#plane = plane;
    this.#number = number;
    this.#handler = handler;
  }

  send(bytes: Uint8Array): void {
    if (!this.#hasEnded) this.#plane.send(this.#number, bytes);
  }

  allow(bytes: number): void {
    if (!this.#hasEnded) this.#plane.allow(this.#number, bytes);
  }

  close(): void {
    if (this.#hasEnded || this.#isLeaving) return;
    this.#isLeaving = true;
    this.#plane.close(this.#number);
  }

  receive(bytes: Uint8Array): void {
    // What was on its way when this side left is of no interest any more.
    if (!this.#isLeaving) this.#handler.onData(bytes);
  }

  end(reason: EndReason, traffic: Traffic): void {
    // From here on the number may belong to another connection.
    this.#hasEnded = true;
    // The peer may have ended it first, but unheard.
    this.#handler.onEnd(this.#isLeaving ? "closed" : reason, traffic);
  }
}
