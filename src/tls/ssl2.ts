/**
 * SSL 2.0 as far as a capture needs it: a CLIENT-HELLO, and the SERVER-HELLO, which carries the server's
 * certificate and the ciphers that it shares with the client (draft-hickman-netscape-ssl-00).
 *
 * @module
 */

import { type Alert, AlertReader } from "./alert_reader.ts";
import { cipherSuiteName } from "./cipher_suites.ts";
import { Ssl2CipherKind } from "./cipher_suite_registry.ts";
import { ContentType, RANDOM_BYTES, RECORD_HEADER_BYTES, Version } from "./constants.ts";
import { type Exchange, PREFIX_BYTES_MAX } from "./exchange.ts";
import type { FlightOutcome } from "./flight.ts";
import { hexadecimal } from "./hexadecimal.ts";
import { Malformed } from "./malformed.ts";
import { uint16, uint16At } from "./octets.ts";

/** Octets of the challenge: 16 to 32, of which every server takes the fewest. */
const CHALLENGE_BYTES = 16;

/** Types of handshake messages ("SSL Handshake Protocol Specification", 5). */
const MessageType = { ERROR: 0, CLIENT_HELLO: 1, SERVER_HELLO: 4 } as const;

/** Octets of an ERROR message: type, code. */
const ERROR_BYTES = 3;

const ERROR_NAMES: ReadonlyMap<number, string> = new Map([
  [1, "no cipher in common"],
  [2, "no certificate"],
  [4, "a bad certificate"],
  [6, "an unsupported type of certificate"],
]);

/** Octets of a SERVER-HELLO before its certificate. */
const SERVER_HELLO_FIXED_BYTES = 11;

/** The one type of certificate there is. */
const X509_CERTIFICATE = 1;

/** Octets of one cipher kind. */
const CIPHER_KIND_BYTES = 3;

/** Octets of a TLS record with one alert. */
const TLS_ALERT_BYTES = RECORD_HEADER_BYTES + 2;

/** Octets set aside at first; most answers fit. */
const BUFFER_BYTES_MIN = 2_048;

/**
 * Asks a server for its certificate in SSL 2.0, offering every cipher kind. A refusal is an `alert` whether it is an
 * ERROR of SSL 2.0 or an alert of a later version. Total; keeps one record at the most. However the octets are cut into
 * calls, the result is the same (only `prefix` can be shorter when less had arrived).
 */
export class Ssl2Exchange implements Exchange {
  readonly firstBytes: Uint8Array;
  /** Set once the exchange is decided; later octets are ignored. */
  outcome: FlightOutcome | undefined;
  /**
   * What was found, with every outcome but `captured`; with an alert only where it is SSL 2.0's own ERROR.
   */
  reason: string | undefined;
  /** With `not_tls`: how the answer begins, up to 64 octets. */
  prefix: Uint8Array | undefined;
  /** An alert in a TLS record. */
  alert: Alert | undefined;
  /** With `captured`: the one certificate that SSL 2.0 can carry, DER. */
  chain: readonly Uint8Array[] = [];
  /**
   * With a SERVER-HELLO: the names of the cipher kinds that the server accepts, in its order. May be empty.
   */
  cipherKinds: readonly string[] | undefined;

  readonly #bytesMax: number;
  #bytes = new Uint8Array(BUFFER_BYTES_MIN);
  #length = 0;

  /**
   * `random`: 32 octets, fresh, of which 16 are used; `bytesMax`: octets, header included, that the answer
   * may have.
   *
   * @throws {RangeError} when `random` has another length.
   */
  constructor(random: Uint8Array, bytesMax: number) {
    this.firstBytes = clientHello(random);
    this.#bytesMax = bytesMax;
  }

  get missing(): number {
    return this.#wanted() - this.#length;
  }

  feed(bytes: Uint8Array): boolean {
    if (this.outcome !== undefined) return true;
    this.#append(bytes.subarray(0, this.#bytesMax - this.#length));
    this.#judge(this.#bytes.subarray(0, this.#length));
    return this.outcome !== undefined;
  }

  takeReply(): undefined {
    return undefined;
  }

  #append(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(length, 2 * this.#bytes.length));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length = length;
  }

  /** Octets of the answer, as far as what has arrived tells: the next to be judged, then its whole record. */
  #wanted(): number {
    const [first, second] = this.#bytes;
    if (this.#length < 2) return 2;
    if (isTlsAlert(first!, second!)) return TLS_ALERT_BYTES;
    const header = headerBytes(first!);
    return this.#length > header ? header + recordBytes(first!, second!) : header + 1;
  }

  /**
   * Looks at what has arrived, from its start each time and at each octet in turn, so that what comes in one
   * piece is judged as what comes octet by octet.
   */
  #judge(bytes: Uint8Array): void {
    const [first, second] = bytes;
    if (first === undefined) return;
    if (isSecurityEscape(first)) {
      return this.#refuseStranger(`a record that starts with ${hexadecimal(first, 2)}`);
    }
    if (second === undefined) return;
    if (isTlsAlert(first, second)) return this.#readTlsAlert(bytes);
    if (isTlsHandshake(first, second)) return this.#settle("malformed", "TLS in answer to SSL 2.0");
    this.#judgeRecord(bytes, headerBytes(first), recordBytes(first, second));
  }

  #judgeRecord(bytes: Uint8Array, header: number, record: number): void {
    if (record === 0) return this.#refuseStranger("an empty record");
    if (bytes.length < header + 1) return;
    const type = bytes[header]!;
    if (type !== MessageType.ERROR && type !== MessageType.SERVER_HELLO) {
      return this.#refuseStranger(`a message of type ${type}`);
    }
    if (header + record > this.#bytesMax) {
      return this.#settle("oversize", `an answer of ${header + record} octets, above ${this.#bytesMax}`);
    }
    if (bytes.length < header + record) return;
    const padding = header === 3 ? bytes[2]! : 0;
    const message = bytes.subarray(header, Math.max(header, header + record - padding));
    if (type === MessageType.ERROR) this.#readError(message);
    else this.#readServerHello(message);
  }

  #readTlsAlert(bytes: Uint8Array): void {
    const alerts = new AlertReader();
    const fault = alerts.read(bytes.subarray(RECORD_HEADER_BYTES, TLS_ALERT_BYTES));
    this.alert = alerts.last;
    if (fault instanceof Malformed) this.#settle("malformed", fault.reason);
    else if (this.alert !== undefined) this.#settle("alert");
  }

  #readError(message: Uint8Array): void {
    if (message.length !== ERROR_BYTES) {
      return this.#settle("malformed", `an SSL 2.0 error of ${message.length} octets`);
    }
    const code = uint16At(message, 1);
    this.#settle("alert", `an SSL 2.0 error: ${ERROR_NAMES.get(code) ?? hexadecimal(code, 4)}`);
  }

  #readServerHello(message: Uint8Array): void {
    if (message.length < SERVER_HELLO_FIXED_BYTES) {
      return this.#settle("malformed", `a SERVER-HELLO of ${message.length} octets`);
    }
    const certificateType = message[2]!;
    const version = uint16At(message, 3);
    if (version !== Version.SSL_2_0) {
      return this.#settle("malformed", `version ${hexadecimal(version, 4)}, which was not offered`);
    }
    const certificateEnd = SERVER_HELLO_FIXED_BYTES + uint16At(message, 5);
    const kindsEnd = certificateEnd + uint16At(message, 7);
    const end = kindsEnd + uint16At(message, 9);
    if (end !== message.length) return this.#settle("malformed", "a SERVER-HELLO whose parts do not fill it");
    if ((kindsEnd - certificateEnd) % CIPHER_KIND_BYTES !== 0) {
      return this.#settle("malformed", "a cipher kind that is cut short");
    }
    this.cipherKinds = readCipherKinds(message.subarray(certificateEnd, kindsEnd));
    if (certificateEnd === SERVER_HELLO_FIXED_BYTES) {
      return this.#settle("no_certificate", "an empty certificate");
    }
    if (certificateType !== X509_CERTIFICATE) {
      return this.#settle("no_certificate", `a certificate of type ${certificateType}`);
    }
    this.chain = [message.subarray(SERVER_HELLO_FIXED_BYTES, certificateEnd)];
    this.#settle("captured");
  }

  #refuseStranger(reason: string): void {
    this.prefix = this.#bytes.slice(0, Math.min(this.#length, PREFIX_BYTES_MAX));
    this.#settle("not_tls", reason);
  }

  #settle(outcome: FlightOutcome, reason?: string): void {
    this.outcome = outcome;
    this.reason = reason;
  }
}

/** The CLIENT-HELLO, in a record with a header of two octets. */
function clientHello(random: Uint8Array): Uint8Array {
  if (random.length !== RANDOM_BYTES) {
    throw new RangeError(`Cannot build a CLIENT-HELLO from ${random.length} random octets: it takes 32`);
  }
  const kinds = Object.values(Ssl2CipherKind).flatMap((kind) => [kind >> 16, ...uint16(kind & 0xffff)]);
  const message = [
    ...[MessageType.CLIENT_HELLO, ...uint16(Version.SSL_2_0)],
    ...[...uint16(kinds.length), ...uint16(0), ...uint16(CHALLENGE_BYTES)],
    ...kinds,
    ...random.subarray(0, CHALLENGE_BYTES),
  ];
  return Uint8Array.from([...uint16(0x8000 | message.length), ...message]);
}

/** A header has three octets where padding or a security escape may follow, as its first bit says. */
function headerBytes(first: number): number {
  return (first & 0x80) === 0 ? 3 : 2;
}

function recordBytes(first: number, second: number): number {
  return (first & ((first & 0x80) === 0 ? 0x3f : 0x7f)) << 8 | second;
}

/** Reserved for out-of-band messages, which were never defined. */
function isSecurityEscape(first: number): boolean {
  return (first & 0xc0) === 0x40;
}

/** As an SSL 2.0 record with padding these would announce thousands of octets, which no ERROR has. */
function isTlsAlert(first: number, second: number): boolean {
  return first === ContentType.ALERT && second === 3;
}

function isTlsHandshake(first: number, second: number): boolean {
  return first === ContentType.HANDSHAKE && second === 3;
}

function readCipherKinds(bytes: Uint8Array): string[] {
  const names: string[] = [];
  for (let offset = 0; offset < bytes.length; offset += CIPHER_KIND_BYTES) {
    names.push(cipherSuiteName(bytes[offset]! << 16 | uint16At(bytes, offset + 1)));
  }
  return names;
}
