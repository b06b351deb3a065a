/**
 * A transport whose servers say what a test has written down.
 *
 * @module
 */

import type {
  Connection,
  ConnectionHandler,
  ConnectionLimits,
  EndReason,
  Host,
  Traffic,
  Transport,
} from "../../../src/transport/mod.ts";

/** What a server does about what it has heard: it speaks, the connection ends, or nothing happens. */
export type Answer = Uint8Array | EndReason | undefined;

/** The server of one connection: called with what the client says first, then with each thing it says. */
export type Talk = (heard: Uint8Array) => Answer;

/** What each connection moved, once it has ended. */
export const MOVED: Traffic = { bytesSent: 400, bytesReceived: 3_000 };

/** Ends nothing and says nothing, whatever it hears. */
export const silent: Talk = () => undefined;

/** Does these things, one for each thing that it hears. */
export function saying(...answers: readonly Answer[]): Talk {
  let heard = 0;
  return () => answers[heard++];
}

/** One connection, as its server saw it. */
export interface Held {
  readonly how: "open" | "reopen";
  readonly host: Host;
  readonly limits: ConnectionLimits;
  readonly heard: readonly Uint8Array[];
}

/**
 * Carries no more than one connection at once to whoever it may be, and keeps what was said. The handler is never
 * called from inside a call of its owner's, and what it is handed is gone afterwards, as the interface has it.
 */
export class ScriptedTransport implements Transport {
  readonly name = "kernel";
  readonly held: Held[] = [];
  readonly #talkOf: (connection: number) => Talk | undefined;
  #isBusy = false;

  /** `talkOf` gives the server of each connection, counted from 0; a connection that has none is an error. */
  constructor(talkOf: (connection: number) => Talk | undefined) {
    this.#talkOf = talkOf;
  }

  open(host: Host, firstBytes: Uint8Array, handler: ConnectionHandler, limits: ConnectionLimits): Connection {
    return this.#hold("open", host, firstBytes, handler, limits);
  }

  reopen(
    host: Host,
    firstBytes: Uint8Array,
    handler: ConnectionHandler,
    limits: ConnectionLimits,
  ): Connection {
    return this.#hold("reopen", host, firstBytes, handler, limits);
  }

  reject(): void {
    throw new Error("Cannot reject a host: it is being visited");
  }

  #hold(
    how: Held["how"],
    host: Host,
    firstBytes: Uint8Array,
    handler: ConnectionHandler,
    limits: ConnectionLimits,
  ): Connection {
    const talk = this.#talkOf(this.held.length);
    if (talk === undefined) throw new Error(`Cannot hold connection ${this.held.length}: it has no server`);
    if (this.#isBusy) throw new Error("Cannot hold a connection: there is another one still");
    this.#isBusy = true;
    const heard: Uint8Array[] = [];
    this.held.push({ how, host, limits, heard });
    const connection = new ScriptedConnection(talk, heard, handler, () => this.#isBusy = false);
    connection.send(firstBytes);
    return connection;
  }
}

class ScriptedConnection implements Connection {
  readonly #talk: Talk;
  readonly #heard: Uint8Array[];
  readonly #handler: ConnectionHandler;
  readonly #free: () => void;
  #isOver = false;

  constructor(talk: Talk, heard: Uint8Array[], handler: ConnectionHandler, free: () => void) {
    this.#talk = talk;
    this.#heard = heard;
    this.#handler = handler;
    this.#free = free;
  }

  send(bytes: Uint8Array): void {
    const said = bytes.slice();
    this.#heard.push(said);
    queueMicrotask(() => this.#answer(this.#talk(said)));
  }

  allow(): void {}

  close(): void {
    queueMicrotask(() => this.#end("closed"));
  }

  #answer(answer: Answer): void {
    if (answer === undefined || this.#isOver) return;
    if (typeof answer === "string") return this.#end(answer);
    const bytes = answer.slice();
    this.#handler.onData(bytes);
    bytes.fill(0xee);
  }

  #end(reason: EndReason): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#free();
    this.#handler.onEnd(reason, MOVED);
  }
}
