/**
 * A hello to which only the server's first answer counts.
 *
 * @module
 */

import { type Alert, AlertReader } from "./alert_reader.ts";
import { ContentType, HandshakeType } from "./constants.ts";
import type { Exchange } from "./exchange.ts";
import { Malformed } from "./malformed.ts";
import { type HandshakeMessage, MessageReader } from "./messages.ts";
import { RecordReader } from "./records.ts";
import { parseServerHello, type ServerHello } from "./server_hello.ts";
import type { Span } from "./span.ts";

/** Octets within which a ServerHello must be complete; the largest known have a few hundred. */
const ANSWER_BYTES_MAX = 16_384;

/** What a probe can come to by the server's octets alone. */
export type ProbeOutcome =
  /** A whole ServerHello arrived, which may be a HelloRetryRequest. */
  | "answered"
  /** The server refused with an alert. */
  | "alert"
  /** What came first is no TLS record. */
  | "not_tls"
  /** TLS that breaks its own rules. */
  | "malformed"
  /** A ServerHello above the octets it may have. */
  | "oversize";

/**
 * Sends a hello, and is decided by the ServerHello or the alert that answers it. Total; keeps only the
 * ServerHello. However the octets are cut into calls, the result is the same.
 */
export class ServerHelloProbe implements Exchange {
  readonly firstBytes: Uint8Array;
  /** Set once the probe is decided; later octets are ignored. */
  outcome: ProbeOutcome | undefined;
  /** With `not_tls`, `malformed` and `oversize`: what was found. */
  reason: string | undefined;
  /** With `answered`. */
  serverHello: ServerHello | undefined;

  readonly #records = new RecordReader();
  readonly #messages = new MessageReader();
  readonly #alerts = new AlertReader();
  #received = 0;

  /** `hello`: a ClientHello with its record header. */
  constructor(hello: Uint8Array) {
    this.firstBytes = hello;
  }

  /** The last alert, also a warning that the server then went on after. */
  get alert(): Alert | undefined {
    return this.#alerts.last;
  }

  get missing(): number {
    return this.#messages.missing;
  }

  feed(bytes: Uint8Array): boolean {
    if (this.outcome !== undefined) return true;
    this.#records.push(bytes.subarray(0, ANSWER_BYTES_MAX - this.#received));
    this.#received += bytes.length;
    for (let piece = this.#records.next(); piece !== undefined; piece = this.#records.next()) {
      this.#readPiece(piece);
      if (this.outcome !== undefined) return true;
      if (this.#records.consumed + this.#messages.missing > ANSWER_BYTES_MAX) break;
    }
    this.#judgeInput();
    return this.outcome !== undefined;
  }

  takeReply(): undefined {
    return undefined;
  }

  #judgeInput(): void {
    const fault = this.#records.fault;
    if (fault !== undefined) this.#settle(fault.kind, fault.reason);
    else if (Math.max(this.#received, this.#records.consumed + this.#messages.missing) > ANSWER_BYTES_MAX) {
      this.#settle("oversize", `an answer above ${ANSWER_BYTES_MAX} octets`);
    }
  }

  #settle(outcome: ProbeOutcome, reason?: string): void {
    this.outcome = outcome;
    this.reason = reason;
  }

  #readPiece(piece: Span): void {
    if (this.#records.contentType === ContentType.ALERT) {
      this.#readAlerts(piece.view());
    } else if (this.#records.contentType === ContentType.HANDSHAKE) {
      this.#messages.push(piece.octets, piece.start, piece.end);
      for (let message = this.#messages.next(); message !== undefined; message = this.#messages.next()) {
        this.#readMessage(message);
        if (this.outcome !== undefined) return;
      }
    } else {
      this.#settle("malformed", `a record of type ${this.#records.contentType} before any ServerHello`);
    }
  }

  #readAlerts(octets: Uint8Array): void {
    const isOver = this.#alerts.read(octets);
    if (isOver instanceof Malformed) this.#settle("malformed", isOver.reason);
    else if (isOver) this.#settle("alert");
  }

  #readMessage(message: HandshakeMessage): void {
    // A server may send HelloRequest at any time; during a handshake it means nothing (RFC 5246, 7.4.1.1).
    if (message.type === HandshakeType.HELLO_REQUEST && message.length === 0) return;
    if (message.type !== HandshakeType.SERVER_HELLO) {
      return this.#settle("malformed", `handshake message ${message.type} before any ServerHello`);
    }
    const hello = parseServerHello(message.body);
    if (hello instanceof Malformed) return this.#settle("malformed", hello.reason);
    this.serverHello = hello;
    this.#settle("answered");
  }
}
