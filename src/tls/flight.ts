/**
 * A server's first flight (RFC 5246, 7.3), read only as far as its certificate chain.
 *
 * @module
 */

import { parseCertificateMessage } from "./certificate_message.ts";
import { AlertDescription, ContentType, HandshakeType, Version } from "./constants.ts";
import { Malformed } from "./malformed.ts";
import { type HandshakeMessage, MessageReader } from "./messages.ts";
import { alertLevelName, alertName, versionName } from "./names.ts";
import { RecordReader } from "./records.ts";
import { parseServerHello, type ServerHello } from "./server_hello.ts";

/** What the octets of a flight alone can decide. */
export type FlightOutcome =
  /** The Certificate message arrived whole and holds at least one certificate. */
  | "captured"
  /** The server refused with an alert other than protocol_version. */
  | "alert"
  /**
   * The server answered the alert protocol_version: it accepts nothing up to TLS 1.2. That is how a server
   * that speaks only TLS 1.3 answers (RFC 8446, 4.2.1); that it does speak TLS 1.3 is not shown by it.
   */
  | "tls13_only"
  /** The server answered with TLS 1.3, which was not offered: its chain comes encrypted. */
  | "tls13_hello"
  /** What came first is no TLS record. */
  | "not_tls"
  /** TLS that breaks its own rules. */
  | "malformed"
  /** The chain does not fit into the octets a capture may take. */
  | "oversize"
  /** The server went on past the place of its certificate, or sent an empty chain. */
  | "no_certificate";

/** One alert (RFC 5246, 7.2). */
export interface Alert {
  readonly level: "warning" | "fatal";
  /** The code, 0 to 255. */
  readonly description: number;
  /** The description's name, such as `handshake_failure`. */
  readonly name: string;
}

/**
 * Reads a flight as it arrives. Total, and linear in the octets fed; keeps the ServerHello and the
 * Certificate message and nothing else. However the octets are cut into calls, the result is the same (only
 * `prefix` can be shorter when less had arrived).
 */
export class Flight {
  /** Set once the flight is decided; later octets are ignored. */
  outcome: FlightOutcome | undefined;
  /** With `malformed`, `oversize`, `not_tls`, `no_certificate` and `tls13_hello`: what was found. */
  reason: string | undefined;
  /** With `not_tls`: how the stream begins, up to 64 octets. */
  prefix: Uint8Array | undefined;
  serverHello: ServerHello | undefined;
  /** The last alert, also a warning that the server then went on after. */
  alert: Alert | undefined;
  /** With `captured`: DER certificates as sent, views of one buffer that belongs to this flight. */
  chain: readonly Uint8Array[] = [];

  readonly #bytesMax: number;
  readonly #records = new RecordReader();
  readonly #messages = new MessageReader();
  #alertLevel: number | undefined;
  #received = 0;

  /** `bytesMax`: octets, record headers included, within which the chain must be complete. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Octets that must still arrive at the least before the chain can be complete. */
  get missing(): number {
    return this.#messages.missing;
  }

  /** Loop turns so far, for tests that bound the work by the input's length. */
  get steps(): number {
    return this.#records.steps + this.#messages.steps;
  }

  /**
   * Takes the next octets off the connection; true once the flight is decided. Nothing of `bytes` is kept.
   */
  feed(bytes: Uint8Array): boolean {
    if (this.outcome !== undefined) return true;
    this.#records.push(bytes.subarray(0, this.#bytesMax - this.#received));
    this.#received += bytes.length;
    for (let piece = this.#records.next(); piece !== undefined; piece = this.#records.next()) {
      this.#readPiece(piece);
      if (this.outcome !== undefined) return true;
      if (this.#records.consumed + this.#messages.missing > this.#bytesMax) break;
    }
    this.#judgeInput();
    return this.outcome !== undefined;
  }

  #judgeInput(): void {
    const fault = this.#records.fault;
    if (fault !== undefined) {
      this.prefix = fault.prefix;
      this.#settle(fault.kind, fault.reason);
    } else if (Math.max(this.#received, this.#records.consumed + this.#messages.missing) > this.#bytesMax) {
      this.#settle("oversize", `a chain that does not fit into ${this.#bytesMax} octets`);
    }
  }

  #settle(outcome: FlightOutcome, reason?: string): void {
    this.outcome = outcome;
    this.reason = reason;
  }

  #readPiece(piece: Uint8Array): void {
    if (this.#records.contentType === ContentType.ALERT) {
      for (let index = 0; index < piece.length && this.outcome === undefined; index++) {
        this.#readAlertOctet(piece[index]!);
      }
    } else if (this.#records.contentType === ContentType.HANDSHAKE) {
      this.#messages.push(piece);
      for (let message = this.#messages.next(); message !== undefined; message = this.#messages.next()) {
        this.#readMessage(message);
        if (this.outcome !== undefined) return;
      }
    } else {
      this.#settle("malformed", `a record of type ${this.#records.contentType} before any key exchange`);
    }
  }

  #readAlertOctet(octet: number): void {
    if (this.#alertLevel === undefined) {
      this.#alertLevel = octet;
      return;
    }
    const level = alertLevelName(this.#alertLevel);
    this.#alertLevel = undefined;
    if (level !== "warning" && level !== "fatal") {
      return this.#settle("malformed", `an alert of level ${level}`);
    }
    this.alert = { level, description: octet, name: alertName(octet) };
    if (octet === AlertDescription.PROTOCOL_VERSION) return this.#settle("tls13_only");
    // Other warnings do not end a handshake: unrecognized_name is often followed by the chain.
    if (level === "fatal" || octet === AlertDescription.CLOSE_NOTIFY) this.#settle("alert");
  }

  #readMessage(message: HandshakeMessage): void {
    // A server may send HelloRequest at any time; during a handshake it means nothing (RFC 5246, 7.4.1.1).
    if (message.type === HandshakeType.HELLO_REQUEST && message.length === 0) return;
    if (message.type === HandshakeType.SERVER_HELLO && this.serverHello === undefined) {
      return this.#readServerHello(message.body);
    }
    if (this.serverHello !== undefined) {
      if (message.type === HandshakeType.CERTIFICATE) return this.#readCertificate(message.body);
      if (
        message.type === HandshakeType.SERVER_KEY_EXCHANGE ||
        message.type === HandshakeType.CERTIFICATE_REQUEST ||
        message.type === HandshakeType.SERVER_HELLO_DONE
      ) return this.#settle("no_certificate", `handshake message ${message.type} where Certificate belongs`);
    }
    this.#settle("malformed", `handshake message ${message.type} out of order`);
  }

  #readServerHello(body: Uint8Array): void {
    const hello = parseServerHello(body);
    if (hello instanceof Malformed) return this.#settle("malformed", hello.reason);
    this.serverHello = hello;
    if (hello.version === Version.TLS_1_3) {
      this.#settle("tls13_hello", "TLS 1.3, which was not offered");
    } else if (hello.version < Version.SSL_3_0 || hello.version > Version.TLS_1_3) {
      this.#settle("malformed", `version ${versionName(hello.version)}, which was not offered`);
    }
  }

  #readCertificate(body: Uint8Array): void {
    const chain = parseCertificateMessage(body);
    if (chain instanceof Malformed) return this.#settle("malformed", chain.reason);
    if (chain.length === 0) return this.#settle("no_certificate", "an empty chain");
    this.chain = chain;
    this.#settle("captured");
  }
}
