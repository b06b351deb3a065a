/**
 * A server's first flight (RFC 5246, 7.3; RFC 8446, 2), read only as far as its certificate chain.
 *
 * @module
 */

import { type Alert, AlertReader } from "./alert_reader.ts";
import { parseCertificateMessage, parseTls13CertificateMessage } from "./certificate_message.ts";
import {
  AlertDescription,
  ContentType,
  HANDSHAKE_HEADER_BYTES,
  HandshakeType,
  RECORD_EXPANSION_BYTES_MAX,
  RECORD_PAYLOAD_BYTES_MAX,
  Tls13Suite,
  Version,
} from "./constants.ts";
import type { Exchange } from "./exchange.ts";
import type { Hello } from "./hello.ts";
import { hexadecimal } from "./hexadecimal.ts";
import { Malformed } from "./malformed.ts";
import { type HandshakeMessage, MessageReader } from "./messages.ts";
import { versionName } from "./names.ts";
import { ProtectedRecords } from "./protected_records.ts";
import { RecordReader } from "./records.ts";
import {
  parseExtensions,
  parseServerHello,
  selectedProtocol,
  type ServerExtension,
  type ServerHello,
} from "./server_hello.ts";
import { handshakeKeys, secondHello } from "./tls13_negotiation.ts";
import type { Span } from "./span.ts";
import { Transcript } from "./transcript.ts";

/** What the octets of a flight alone can decide. */
export type FlightOutcome =
  /** The Certificate message arrived whole and holds at least one certificate. */
  | "captured"
  /** The server refused with an alert. */
  | "alert"
  /**
   * The server answered a hello that goes up to TLS 1.2 with the alert protocol_version: it accepts nothing up to
   * that. So answers a server that speaks only TLS 1.3 (RFC 8446, 4.2.1); that it does speak it is not shown by it.
   */
  | "tls13_only"
  /** The server asked for a key share of the one group that the hello named: X25519MLKEM768. */
  | "pq_only"
  /** What came first is no TLS record. */
  | "not_tls"
  /** TLS that breaks its own rules. */
  | "malformed"
  /** The chain does not fit into the octets a capture may take. */
  | "oversize"
  /** The server went on past the place of its certificate, or sent an empty chain. */
  | "no_certificate";

/** The same for all: thousands of flights are under way at once. */
const NO_CHAIN: readonly Uint8Array[] = [];

const OFFERED_TLS13_SUITES: ReadonlySet<number> = new Set(Object.values(Tls13Suite));

class FlightReaders {
  readonly records = new RecordReader();
  readonly messages = new MessageReader();
  readonly alerts = new AlertReader();
}

/**
 * Reads a flight as it arrives. Total, and linear in the octets fed; keeps ServerHello, EncryptedExtensions and
 * the Certificate message, and with TLS 1.3 the record under way. However the octets are cut into calls, the
 * result is the same (only `prefix` can be shorter when less had arrived).
 */
export class Flight implements Exchange {
  /** Set once the flight is decided; later octets are ignored. */
  outcome: FlightOutcome | undefined;
  /** With `malformed`, `oversize`, `not_tls` and `no_certificate`: what was found. */
  reason: string | undefined;
  /** With `not_tls`: how the stream begins, up to 64 octets. */
  prefix: Uint8Array | undefined;
  /** The last one: that of a HelloRetryRequest until the server has answered the second hello. */
  serverHello: ServerHello | undefined;
  encryptedExtensions: readonly ServerExtension[] | undefined;
  helloRetried = false;
  certificateRequested = false;
  /** With `captured`: DER certificates as sent, views of a copy that belongs to this flight. */
  chain: readonly Uint8Array[] = NO_CHAIN;

  readonly firstBytes: Uint8Array;
  readonly #bytesMax: number;
  /** Made by the first `feed`: thousands of flights wait for it. */
  #readers: FlightReaders | undefined;
  #hello: Hello;
  /** There where TLS 1.3 may be chosen. */
  readonly #transcript: Transcript | undefined;
  #reply: Uint8Array | undefined;
  #awaitsHello = true;
  #protection: ProtectedRecords | undefined;
  #received = 0;

  /** `bytesMax`: octets, record headers included, within which the chain must be complete. */
  constructor(hello: Hello, bytesMax: number) {
    this.#hello = hello;
    this.#transcript = hello.tls13 && new Transcript(hello.firstBytes);
    this.#bytesMax = bytesMax;
    this.firstBytes = hello.firstBytes;
  }

  /** Octets that must still arrive at the least before the chain can be complete. */
  get missing(): number {
    if (this.#readers === undefined) return HANDSHAKE_HEADER_BYTES;
    if (this.#protection === undefined) return this.#messages.missing;
    return Math.max(this.#records.payloadMissing, this.#messages.missing - this.#protection.heldBytes);
  }

  /** Loop turns so far, for tests that bound the work by the input's length. */
  get steps(): number {
    return this.#readers === undefined ? 0 : this.#records.steps + this.#messages.steps;
  }

  /** The last alert, also a warning that the server then went on after. */
  get alert(): Alert | undefined {
    return this.#readers?.alerts.last;
  }

  /** The application protocol the server chose: HTTP/2 is `h2`. */
  get alpn(): string | undefined {
    return this.serverHello?.alpn ?? selectedProtocol(this.encryptedExtensions ?? []);
  }

  /**
   * Takes the next octets off the connection; true once the flight is decided. Nothing of `bytes` is kept.
   */
  feed(bytes: Uint8Array): boolean {
    if (this.outcome !== undefined) return true;
    this.#readers ??= new FlightReaders();
    const room = this.#bytesMax - this.#received;
    this.#records.push(bytes.length > room ? bytes.subarray(0, room) : bytes);
    this.#received += bytes.length;
    for (let piece = this.#records.next(); piece !== undefined; piece = this.#records.next()) {
      this.#readPiece(piece);
      if (this.outcome !== undefined) return true;
    }
    const fault = this.#records.fault;
    if (fault !== undefined) {
      this.prefix = fault.prefix;
      this.#settle(fault.kind, fault.reason);
    } else if (this.#received > this.#bytesMax) {
      this.#settleOversize();
    }
    return this.outcome !== undefined;
  }

  takeReply(): Uint8Array | undefined {
    const reply = this.#reply;
    this.#reply = undefined;
    return reply;
  }

  get #records(): RecordReader {
    return this.#readers!.records;
  }

  get #messages(): MessageReader {
    return this.#readers!.messages;
  }

  #settle(outcome: FlightOutcome, reason?: string): void {
    this.outcome = outcome;
    this.reason = reason;
  }

  #settleOversize(): void {
    this.#settle("oversize", `a chain that does not fit into ${this.#bytesMax} octets`);
  }

  #readPiece(piece: Span): void {
    const { contentType } = this.#records;
    if (contentType === ContentType.ALERT) {
      this.#readAlerts(piece.view());
    } else if (contentType === ContentType.HANDSHAKE && this.#protection === undefined) {
      this.#readMessages(piece.octets, piece.start, piece.end);
    } else if (contentType === ContentType.APPLICATION_DATA && this.#protection !== undefined) {
      this.#readProtected(piece, this.#protection);
    } else if (contentType === ContentType.CHANGE_CIPHER_SPEC && this.#passesChangeCipherSpec) {
      const isWhole = piece.length === 1 && this.#records.payloadMissing === 0;
      if (!isWhole || piece.octets[piece.start] !== 1) {
        this.#settle("malformed", "a change_cipher_spec that is not the octet 1");
      }
    } else if (this.#protection !== undefined) {
      this.#settleClear(contentType);
    } else {
      this.#settle("malformed", `a record of type ${contentType} before any key exchange`);
    }
  }

  /** It is sent for middleboxes, and means nothing (RFC 8446, 5 and D.4). */
  get #passesChangeCipherSpec(): boolean {
    return this.#hello.tls13 !== undefined && (this.#awaitsHello || this.#protection !== undefined);
  }

  #settleClear(contentType: number): void {
    this.#settle("malformed", `a record of type ${contentType} in clear after the keys`);
  }

  #readProtected(piece: Span, protection: ProtectedRecords): void {
    const { consumed, payloadMissing } = this.#records;
    if (consumed + payloadMissing > this.#bytesMax) return this.#settleOversize();
    const record = protection.push(piece, this.#records);
    if (record === undefined) return;
    if (record instanceof Malformed) return this.#settle("malformed", record.reason);
    if (record.contentType === ContentType.HANDSHAKE) {
      this.#readMessages(record.content, 0, record.content.length);
    } else if (record.contentType === ContentType.ALERT) {
      this.#readAlerts(record.content);
    } else {
      this.#settle("malformed", `an encrypted record of type ${record.contentType} before the certificate`);
    }
  }

  #readAlerts(octets: Uint8Array): void {
    const isLeaving = this.#readers!.alerts.read(octets);
    if (isLeaving instanceof Malformed) return this.#settle("malformed", isLeaving.reason);
    if (!isLeaving) return;
    const isForVersion = this.alert?.description === AlertDescription.PROTOCOL_VERSION;
    this.#settle(isForVersion && this.#hello.versionMax === Version.TLS_1_2 ? "tls13_only" : "alert");
  }

  #readMessages(octets: Uint8Array, start: number, end: number): void {
    const protection = this.#protection;
    this.#messages.push(octets, start, end);
    for (let message = this.#messages.next(); message !== undefined; message = this.#messages.next()) {
      this.#readMessage(message);
      if (this.outcome !== undefined) return;
      // What follows a ServerHello of TLS 1.3 is encrypted, so that nothing of it can be in the same record.
      if (this.#protection !== protection) {
        if (!this.#messages.isAtRest || this.#records.payloadMissing > 0) {
          this.#settleClear(ContentType.HANDSHAKE);
        }
        return;
      }
    }
    if (this.#records.consumed + this.#messages.missing > this.#bytesMax) this.#settleOversize();
  }

  #readMessage(message: HandshakeMessage): void {
    // A server may send HelloRequest at any time; during a handshake it means nothing (RFC 5246, 7.4.1.1).
    if (message.type === HandshakeType.HELLO_REQUEST && message.length === 0) return;
    if (this.#awaitsHello) {
      if (message.type === HandshakeType.SERVER_HELLO) return this.#readServerHello(message.body);
    } else if (this.#protection === undefined) {
      if (message.type === HandshakeType.CERTIFICATE) return this.#readCertificate(message.body);
      if (
        message.type === HandshakeType.SERVER_KEY_EXCHANGE ||
        message.type === HandshakeType.CERTIFICATE_REQUEST ||
        message.type === HandshakeType.SERVER_HELLO_DONE
      ) return this.#settle("no_certificate", `handshake message ${message.type} where Certificate belongs`);
    } else if (this.encryptedExtensions === undefined) {
      if (message.type === HandshakeType.ENCRYPTED_EXTENSIONS) {
        return this.#readEncryptedExtensions(message.body);
      }
    } else {
      if (message.type === HandshakeType.CERTIFICATE) return this.#readCertificate(message.body);
      if (message.type === HandshakeType.CERTIFICATE_REQUEST && !this.certificateRequested) {
        this.certificateRequested = true;
        return;
      }
      if (message.type === HandshakeType.FINISHED) {
        return this.#settle("no_certificate", `handshake message ${message.type} where Certificate belongs`);
      }
      if (message.type === HandshakeType.COMPRESSED_CERTIFICATE) {
        return this.#settle("malformed", "a compressed certificate, which was not offered");
      }
    }
    this.#settle("malformed", `handshake message ${message.type} out of order`);
  }

  #readServerHello(body: Uint8Array): void {
    const hello = parseServerHello(body);
    if (hello instanceof Malformed) return this.#settle("malformed", hello.reason);
    this.serverHello = hello;
    const { versionMin, versionMax } = this.#hello;
    if (hello.version < versionMin || hello.version > versionMax) {
      this.#settle("malformed", `version ${versionName(hello.version)}, which was not offered`);
    } else if (hello.version !== Version.TLS_1_3) {
      this.#awaitsHello = false;
      if (this.helloRetried) {
        this.#settle("malformed", `${versionName(hello.version)} after a HelloRetryRequest`);
      }
    } else if (!OFFERED_TLS13_SUITES.has(hello.cipherSuite)) {
      this.#settle(
        "malformed",
        `cipher suite ${hexadecimal(hello.cipherSuite, 4)} with TLS 1.3, which was not offered`,
      );
    } else if (hello.isRetryRequest) {
      this.#retryHello(hello, body);
    } else {
      this.#awaitsHello = false;
      this.#startProtection(hello, body);
    }
  }

  #retryHello(request: ServerHello, body: Uint8Array): void {
    if (this.helloRetried) return this.#settle("malformed", "a second HelloRetryRequest");
    this.helloRetried = true;
    const second = secondHello(this.#hello.tls13!, request);
    if (second === undefined) return this.#settle("pq_only");
    if (second instanceof Malformed) return this.#settle("malformed", second.reason);
    this.#transcript!.retry(request.cipherSuite, body, second.firstBytes);
    this.#hello = second;
    this.#reply = second.firstBytes;
  }

  #startProtection(hello: ServerHello, body: Uint8Array): void {
    const keys = handshakeKeys(this.#hello.tls13!, hello, this.#transcript!.through(body));
    if (keys instanceof Malformed) return this.#settle("malformed", keys.reason);
    this.#protection = new ProtectedRecords(keys);
    this.#records.payloadBytesMax = RECORD_PAYLOAD_BYTES_MAX + RECORD_EXPANSION_BYTES_MAX;
  }

  #readEncryptedExtensions(body: Uint8Array): void {
    const extensions = parseExtensions(body, 0, "an EncryptedExtensions");
    if (extensions instanceof Malformed) return this.#settle("malformed", extensions.reason);
    this.encryptedExtensions = extensions;
  }

  #readCertificate(body: Uint8Array): void {
    const parse = this.#protection === undefined ? parseCertificateMessage : parseTls13CertificateMessage;
    const chain = parse(body);
    if (chain instanceof Malformed) return this.#settle("malformed", chain.reason);
    if (chain.length === 0) return this.#settle("no_certificate", "an empty chain");
    this.chain = chain;
    this.#settle("captured");
  }
}
