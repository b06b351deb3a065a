/**
 * One exchange over one connection, within what it may receive.
 *
 * @module
 */

import type { Connection, ConnectionHandler, EndReason, Traffic } from "../transport/mod.ts";
import type { Exchange } from "./exchange.ts";

/** How a conversation ended: with the exchange decided, or by what the connection or the budget did before. */
export interface ConversationEnd {
  /** `exhausted` also where the budget had no more for an answer that needs it. */
  readonly reason: "decided" | EndReason;
  /** Of the whole connection. */
  readonly traffic: Traffic;
}

/** What a conversation may receive, and who hears of its end. */
export interface ConversationOptions {
  /** Octets the server may send at first: the connection's `receiveBytes` limit. */
  readonly receiveBytes: number;
  /** Octets the server may send in all. An exchange has a limit of its own, which should be the lower one. */
  readonly bytesMax: number;
  /**
   * Asks for `bytes` more octets to receive; true grants all of them, false none. Refused, it may be asked
   * again.
   */
  more(bytes: number): boolean;
  /** Called once, after the connection has ended. */
  done(end: ConversationEnd): void;
}

/** Octets by which the allowance grows at the least: each question to the governor should buy some. */
const GROWTH_BYTES_MIN = 4_096;

/**
 * Senders hold back a segment that does not fit the window whole, so leave room for one (RFC 9293,
 * 3.8.6.2.1).
 */
const SEGMENT_BYTES = 1_460;

/**
 * Carries an exchange over a connection: hand the exchange's `firstBytes` and this handler to the transport,
 * then `attach` the connection it returns. The connection is closed as soon as the exchange is decided; `done`
 * follows when the transport has reported the end, so that the traffic is final.
 */
export class Conversation implements ConnectionHandler {
  readonly #exchange: Exchange;
  readonly #options: ConversationOptions;
  #connection: Connection | undefined;
  #allowed: number;
  #received = 0;
  #reason: "decided" | "exhausted" | undefined;
  /** What was to be said before the connection was known. */
  #unsent: Uint8Array[] | undefined;

  constructor(exchange: Exchange, options: ConversationOptions) {
    this.#exchange = exchange;
    this.#options = options;
    this.#allowed = options.receiveBytes;
  }

  /** Takes the connection this conversation was opened on. Its data may already have come. */
  attach(connection: Connection): void {
    this.#connection = connection;
    for (const bytes of this.#unsent ?? []) connection.send(bytes);
    this.#unsent = undefined;
    if (this.#reason !== undefined) connection.close();
    else this.#keepAllowance();
  }

  onData(bytes: Uint8Array): void {
    if (this.#reason !== undefined) return;
    this.#received += bytes.length;
    if (this.#exchange.feed(bytes)) return this.#settle("decided");
    this.#sendReply();
    if (this.#connection !== undefined) this.#keepAllowance();
  }

  onEnd(reason: EndReason, traffic: Traffic): void {
    this.#options.done({ reason: this.#reason ?? reason, traffic });
  }

  #sendReply(): void {
    const reply = this.#exchange.takeReply();
    if (reply === undefined) return;
    if (this.#connection === undefined) (this.#unsent ??= []).push(reply);
    else this.#connection.send(reply);
  }

  #settle(reason: "decided" | "exhausted"): void {
    this.#reason = reason;
    this.#connection?.close();
  }

  /**
   * Asks for more room before the server runs out of it; leaves when the answer cannot fit into what is
   * granted.
   */
  #keepAllowance(): void {
    const missing = this.#exchange.missing;
    const room = this.#allowed - this.#received;
    if (room >= missing + SEGMENT_BYTES) return;
    const growth = Math.max(missing + SEGMENT_BYTES - room, GROWTH_BYTES_MIN);
    const bytes = Math.min(growth, this.#options.bytesMax - this.#allowed);
    if (bytes > 0 && this.#options.more(bytes)) {
      this.#allowed += bytes;
      this.#connection!.allow(bytes);
    } else if (missing > room) {
      this.#settle("exhausted");
    }
  }
}
