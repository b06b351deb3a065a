/**
 * Getting a server's certificate chain out of the start of a TLS handshake, over any transport.
 *
 * @module
 */

import type { Connection, ConnectionHandler, EndReason, Traffic } from "../transport/mod.ts";
import { type Alert, Flight, type FlightOutcome } from "./flight.ts";
import { clientHello } from "./hello.ts";
import type { ServerHello } from "./server_hello.ts";

/**
 * How a capture ended: by what the server sent, else by how the connection ended before that decided
 * anything.
 */
export type CaptureOutcome =
  | FlightOutcome
  /** The server closed its side (FIN) before its certificate was complete. */
  | "closed"
  /** The server reset the connection before its certificate was complete. */
  | "reset"
  /** The deadline passed, or the server stopped acknowledging. */
  | "timeout"
  /** The path to the server broke. */
  | "unreachable"
  /** This side ran out of room or budget: nothing is known about the server. */
  | "exhausted"
  /** This side left before anything was decided: nothing is known about the server. */
  | "abandoned";

export interface CaptureResult {
  readonly outcome: CaptureOutcome;
  /** There when a whole one arrived, also when the capture then failed. */
  readonly serverHello?: ServerHello;
  /** The last alert, with any outcome: a warning may come before a chain. */
  readonly alert?: Alert;
  /**
   * DER certificates as sent, leaf first by rule but not checked; views of one buffer. Empty unless
   * `captured`.
   */
  readonly chain: readonly Uint8Array[];
  /** What was found, where the outcome does not say it all. */
  readonly reason?: string;
  /** With `not_tls`: how the server's octets begin, up to 64 of what came first. */
  readonly prefix?: Uint8Array;
  readonly traffic: Traffic;
}

export interface CaptureOptions {
  /** 32 octets for ClientHello.random, fresh for every capture. */
  readonly random: Uint8Array;
  /** Host name to ask for; {@linkcode isServerName} says which ones can be. */
  readonly serverName?: string;
  /** Octets the server may send at first: the connection's `receiveBytes` limit. */
  readonly receiveBytes: number;
  /** Octets a flight may take in all, 256 KiB unless given. */
  readonly captureBytesMax?: number;
  /**
   * Asks for `bytes` more octets to receive; true grants all of them, false none. Refused, it may be asked
   * again.
   */
  more(bytes: number): boolean;
  /** Called once, after the connection has ended. */
  done(result: CaptureResult): void;
}

/** Octets a flight may take in all, unless {@linkcode CaptureOptions.captureBytesMax} says otherwise. */
const CAPTURE_BYTES_MAX = 256 * 1024;

/** Octets by which the allowance grows at the least: each question to the governor should buy some. */
const GROWTH_BYTES_MIN = 4_096;

/**
 * Senders hold back a segment that does not fit the window whole, so leave room for one (RFC 9293,
 * 3.8.6.2.1).
 */
const SEGMENT_BYTES = 1_460;

const OUTCOME_OF_END: Readonly<Record<EndReason, CaptureOutcome>> = {
  closed: "abandoned",
  end: "closed",
  reset: "reset",
  timeout: "timeout",
  overflow: "oversize",
  unreachable: "unreachable",
  exhausted: "exhausted",
};

/**
 * One capture on one connection: hand `firstBytes()` and this handler to the transport, then `attach` the
 * connection it returns. The connection is closed as soon as the outcome is known; `done` follows when the
 * transport has reported the end, so that the traffic in the result is final.
 */
export class Capture implements ConnectionHandler {
  readonly #options: CaptureOptions;
  readonly #bytesMax: number;
  readonly #flight: Flight;
  #connection: Connection | undefined;
  #allowed: number;
  #received = 0;
  #outcome: CaptureOutcome | undefined;

  constructor(options: CaptureOptions) {
    this.#options = options;
    this.#bytesMax = options.captureBytesMax ?? CAPTURE_BYTES_MAX;
    this.#flight = new Flight(this.#bytesMax);
    this.#allowed = options.receiveBytes;
  }

  /**
   * The ClientHello, to be sent with the acknowledgment that opens the connection.
   *
   * @throws {RangeError} when the options' random or server name cannot stand in a ClientHello.
   */
  firstBytes(): Uint8Array {
    return clientHello(this.#options.random, this.#options.serverName);
  }

  /** Takes the connection this capture was opened on. Its data may already have come. */
  attach(connection: Connection): void {
    this.#connection = connection;
    if (this.#outcome !== undefined) connection.close();
    else this.#keepAllowance();
  }

  onData(bytes: Uint8Array): void {
    if (this.#outcome !== undefined) return;
    this.#received += bytes.length;
    if (this.#flight.feed(bytes)) this.#settle(this.#flight.outcome!);
    else if (this.#connection !== undefined) this.#keepAllowance();
  }

  onEnd(reason: EndReason, traffic: Traffic): void {
    const outcome = this.#outcome ?? this.#outcomeOfEnd(reason);
    this.#outcome = outcome;
    this.#options.done(this.#result(outcome, traffic));
  }

  #settle(outcome: CaptureOutcome): void {
    this.#outcome = outcome;
    this.#connection?.close();
  }

  /** A server that warned and then left meant the warning. */
  #outcomeOfEnd(reason: EndReason): CaptureOutcome {
    const left = reason === "end" || reason === "reset";
    return left && this.#flight.alert !== undefined ? "alert" : OUTCOME_OF_END[reason];
  }

  /**
   * Asks for more room before the server runs out of it; leaves when the chain cannot fit into what is
   * granted.
   */
  #keepAllowance(): void {
    const missing = this.#flight.missing;
    const room = this.#allowed - this.#received;
    if (room >= missing + SEGMENT_BYTES) return;
    const growth = Math.max(missing + SEGMENT_BYTES - room, GROWTH_BYTES_MIN);
    const bytes = Math.min(growth, this.#bytesMax - this.#allowed);
    if (bytes > 0 && this.#options.more(bytes)) {
      this.#allowed += bytes;
      this.#connection!.allow(bytes);
    } else if (missing > room) {
      this.#settle("exhausted");
    }
  }

  #result(outcome: CaptureOutcome, traffic: Traffic): CaptureResult {
    const { serverHello, alert, chain, reason, prefix } = this.#flight;
    return {
      outcome,
      ...(serverHello && { serverHello }),
      ...(alert && { alert }),
      chain,
      ...(reason !== undefined && { reason }),
      ...(prefix && { prefix }),
      traffic,
    };
  }
}
