import type { Traffic } from "../../transport/mod.ts";
import {
  acknowledgmentFrameBytes,
  dataFrameBytes,
  EMPTY_FRAME_BYTES,
  SYN_FRAME_BYTES,
} from "../../transport/mod.ts";

/** A ClientHello of Deno's: 230 to 290 octets, measured. */
const HELLO_BYTES = 280;

/** What a client says to finish: key share or not, change_cipher_spec, Finished. */
const FINISH_BYTES = 110;

/** What a server says beside its chain: hello, key exchange, signature, Finished, tickets; 450 to 900, measured. */
const SERVER_FLIGHT_BYTES = 700;

/** A chain of two ECDSA certificates, where nothing better is known. */
const CHAIN_BYTES = 2_500;

/** An encrypted record's header, padding and tag (RFC 8446, 5.2). */
const RECORD_BYTES = 22;

/** Counts what sessions put on the wire, as far as that is known from outside. */
export class Meter {
  readonly #onTraffic: ((bytesSent: number, bytesReceived: number) => void) | undefined;
  #bytesSent = 0;
  #bytesReceived = 0;

  constructor(onTraffic: ((bytesSent: number, bytesReceived: number) => void) | undefined) {
    this.#onTraffic = onTraffic;
  }

  get traffic(): Traffic {
    return { bytesSent: this.#bytesSent, bytesReceived: this.#bytesReceived };
  }

  /** The first SYN leaves. */
  connecting(): void {
    this.#count(SYN_FRAME_BYTES, 0);
  }

  /** The handshake of TCP, and what will end the connection. */
  connected(): void {
    this.#count(2 * EMPTY_FRAME_BYTES, SYN_FRAME_BYTES + EMPTY_FRAME_BYTES);
  }

  refused(): void {
    this.#count(0, EMPTY_FRAME_BYTES);
  }

  /** A ClientHello leaves. */
  greeted(): void {
    this.said(HELLO_BYTES);
  }

  /** A handshake has come as far as the server's chain. */
  shookHands(chain: readonly Uint8Array[] | undefined): void {
    const chainBytes = chain?.reduce((sum, { length }) => sum + length, 0) ?? CHAIN_BYTES;
    this.heard(chainBytes + SERVER_FLIGHT_BYTES);
    this.said(FINISH_BYTES);
  }

  /** Octets over TCP. */
  said(payload: number): void {
    this.#count(dataFrameBytes(payload), acknowledgmentFrameBytes(payload));
  }

  /** Octets over TCP. */
  heard(payload: number): void {
    this.#count(acknowledgmentFrameBytes(payload), dataFrameBytes(payload));
  }

  /** Octets in a record. */
  saidSecretly(payload: number): void {
    this.said(payload + RECORD_BYTES);
  }

  /** Octets in a record. */
  heardSecretly(payload: number): void {
    this.heard(payload + RECORD_BYTES);
  }

  #count(bytesSent: number, bytesReceived: number): void {
    this.#bytesSent += bytesSent;
    this.#bytesReceived += bytesReceived;
    this.#onTraffic?.(bytesSent, bytesReceived);
  }
}
