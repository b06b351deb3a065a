/**
 * The handshake messages of TLS 1.3 as its keys depend on them (RFC 8446, 4.4.1).
 *
 * @module
 */

import { createHash } from "node:crypto";
import { HandshakeType, RECORD_HEADER_BYTES, Tls13Suite } from "./constants.ts";
import { concatenate } from "./octets.ts";

/** From the first ClientHello to the ServerHello. Hellos of the client's are records, those of the server bodies. */
export class Transcript {
  #parts: readonly Uint8Array[];

  constructor(clientHello: Uint8Array) {
    this.#parts = [clientHello.subarray(RECORD_HEADER_BYTES)];
  }

  /** Goes on with a HelloRetryRequest and what it was answered with; the first hello is only hashed from then on. */
  retry(cipherSuite: number, request: Uint8Array, secondHello: Uint8Array): void {
    const hash = createHash(cipherSuite === Tls13Suite.AES_256_GCM_SHA384 ? "sha384" : "sha256");
    this.#parts = [
      handshakeMessage(HandshakeType.MESSAGE_HASH, hash.update(this.#parts[0]!).digest()),
      handshakeMessage(HandshakeType.SERVER_HELLO, request),
      secondHello.subarray(RECORD_HEADER_BYTES),
    ];
  }

  /** All octets through the ServerHello. */
  through(serverHello: Uint8Array): Uint8Array {
    return concatenate(...this.#parts, handshakeMessage(HandshakeType.SERVER_HELLO, serverHello));
  }
}

function handshakeMessage(type: number, body: Uint8Array): Uint8Array {
  const { length } = body;
  return concatenate(Uint8Array.of(type, length >> 16, length >> 8, length), body);
}
