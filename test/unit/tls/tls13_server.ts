/**
 * The server's side of a TLS 1.3 handshake up to its certificate, for tests and fuzzing. Its cryptography is
 * `node:crypto`'s, by the rules of RFC 8446, so that a mistake of the library's is not repeated here.
 *
 * It needs no key of its own: its private key is the number 1. Then its share is the base point of the group, and
 * what both sides agree on is the client's share.
 *
 * @module
 */

import { createCipheriv, createHash, createHmac } from "node:crypto";
import { concatenate, fromHex, message, type Octets, record } from "./flight_bytes.ts";

const uint16 = (value: number): number[] => [value >> 8, value & 255];

interface Suite {
  readonly hash: "sha256" | "sha384";
  readonly cipher: "aes-128-gcm" | "aes-256-gcm";
  readonly keyBytes: number;
}

const SUITES: Readonly<Record<number, Suite>> = {
  0x1301: { hash: "sha256", cipher: "aes-128-gcm", keyBytes: 16 },
  0x1302: { hash: "sha384", cipher: "aes-256-gcm", keyBytes: 32 },
};

/** The base point as a share: RFC 7748, 4.1; SEC 2, 2.4.2 and 2.5.1. */
const BASE_POINTS: Readonly<Record<number, Octets>> = {
  29: fromHex("09" + "00".repeat(31)),
  23: fromHex(`04
    6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296
    4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5`),
  24: fromHex(`04
    aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7
    3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f`),
};

export interface Tls13ServerOptions {
  /** 0x1301 unless given, or 0x1302. */
  readonly suite?: number;
  /** 29 unless given, or 23 or 24. */
  readonly group?: number;
  /** The extensions of the ServerHello in place of the right ones, without their length. */
  readonly extensions?: Octets;
  /** What came before the hello that is answered: its first one and the request for another. */
  readonly retried?: { readonly firstHello: Octets; readonly request: Octets };
}

/** Answers one ClientHello. */
export class Tls13Server {
  /** The ServerHello in a record of its own. */
  readonly serverHello: Octets;
  readonly #suite: Suite;
  readonly #key: Octets;
  readonly #iv: Octets;
  #sequence = 0;

  /** `clientHello` is a record, as all octets here. */
  constructor(clientHello: Octets, options: Tls13ServerOptions = {}) {
    const { suite = 0x1301, group = 29, retried } = options;
    const { hash, keyBytes } = this.#suite = SUITES[suite]!;
    const extensions = options.extensions ?? concatenate(selectedVersion, keyShare(group));
    this.serverHello = record(22, serverHello(suite, "5a".repeat(32), extensions));
    const transcript = retried === undefined
      ? concatenate(clientHello.subarray(5), this.serverHello.subarray(5))
      : concatenate(
        message(254, digest(hash, retried.firstHello.subarray(5))),
        retried.request.subarray(5),
        clientHello.subarray(5),
        this.serverHello.subarray(5),
      );
    const zeros = new Uint8Array(digest(hash, transcript).length);
    const early = hmac(hash, zeros, zeros);
    const salt = expandLabel(hash, early, "derived", digest(hash, fromHex("")), zeros.length);
    const secret = hmac(hash, salt, agreed(clientHello, group));
    const traffic = expandLabel(hash, secret, "s hs traffic", digest(hash, transcript), zeros.length);
    this.#key = expandLabel(hash, traffic, "key", fromHex(""), keyBytes);
    this.#iv = expandLabel(hash, traffic, "iv", fromHex(""), 12);
  }

  /** The next protected record (RFC 8446, 5.2), with `padding` zeros. */
  seal(contentType: number, content: Octets, padding = 0): Octets {
    return this.sealInner(concatenate(content, [contentType], new Uint8Array(padding)));
  }

  /** The next protected record, whatever its inner plaintext. */
  sealInner(inner: Octets): Octets {
    const nonce = this.#iv.slice();
    nonce[10]! ^= this.#sequence >> 8;
    nonce[11]! ^= this.#sequence & 255;
    this.#sequence++;
    const header = Uint8Array.from([23, 3, 3, ...uint16(inner.length + 16)]);
    const cipher = createCipheriv(this.#suite.cipher, this.#key, nonce);
    cipher.setAAD(header);
    return concatenate(header, cipher.update(inner), cipher.final(), cipher.getAuthTag());
  }

  /** Handshake messages in one protected record. */
  flight(...messages: Octets[]): Octets {
    return this.seal(22, concatenate(...messages));
  }
}

/** Tells the client to come back with a share of `group`, and with `cookie`. */
export function retryRequest(group: number | undefined, cookie?: Octets, suite = 0x1301): Octets {
  const random = createHash("sha256").update("HelloRetryRequest").digest("hex");
  const extensions = concatenate(
    selectedVersion,
    group === undefined ? [] : extension(51, Uint8Array.from(uint16(group))),
    cookie === undefined ? [] : extension(44, concatenate(uint16(cookie.length), cookie)),
  );
  return record(22, serverHello(suite, random, extensions));
}

export function extension(type: number, data: Octets): Octets {
  return concatenate(uint16(type), uint16(data.length), data);
}

/** The server's share, as an extension. */
export function keyShare(group: number, share = BASE_POINTS[group]!): Octets {
  return extension(51, concatenate(uint16(group), uint16(share.length), share));
}

/** supported_versions with TLS 1.3. */
export const selectedVersion: Octets = extension(43, fromHex("0304"));

export function encryptedExtensions(...extensions: Octets[]): Octets {
  const block = concatenate(...extensions);
  return message(8, concatenate(uint16(block.length), block));
}

/** A Certificate message (RFC 8446, 4.4.2); `extensions` are those of each entry. */
export function certificate13(chain: readonly Octets[], extensions: Octets = fromHex("")): Octets {
  const uint24 = (value: number): number[] => [value >> 16, ...uint16(value & 65535)];
  const list = concatenate(
    ...chain.map((der) => concatenate(uint24(der.length), der, uint16(extensions.length), extensions)),
  );
  return message(11, concatenate([0], uint24(list.length), list));
}

function serverHello(suite: number, random: string, extensions: Octets): Octets {
  return message(
    2,
    concatenate(
      [3, 3],
      fromHex(random),
      [0],
      uint16(suite),
      [0],
      uint16(extensions.length),
      extensions,
    ),
  );
}

/** The client's share, which is what a private key of 1 agrees on: of a point its X coordinate. */
function agreed(clientHello: Octets, group: number): Octets {
  const view = new DataView(clientHello.buffer, clientHello.byteOffset, clientHello.length);
  let offset = 5 + 4 + 2 + 32;
  offset += 1 + clientHello[offset]!;
  offset += 2 + view.getUint16(offset);
  offset += 1 + clientHello[offset]! + 2;
  while (view.getUint16(offset) !== 51) offset += 4 + view.getUint16(offset + 2);
  offset += 4 + 2;
  while (view.getUint16(offset) !== group) offset += 4 + view.getUint16(offset + 2);
  const share = clientHello.subarray(offset + 4, offset + 4 + view.getUint16(offset + 2));
  return group === 29 ? share : share.subarray(1, 1 + (share.length - 1) / 2);
}

function digest(hash: string, octets: Octets): Octets {
  return new Uint8Array(createHash(hash).update(octets).digest());
}

function hmac(hash: string, key: Octets, octets: Octets): Octets {
  return new Uint8Array(createHmac(hash, key).update(octets).digest());
}

/** HKDF-Expand-Label (RFC 8446, 7.1), where one block of HKDF-Expand is enough. */
function expandLabel(hash: string, secret: Octets, label: string, context: Octets, length: number): Octets {
  const name = new TextEncoder().encode(`tls13 ${label}`);
  const info = concatenate(uint16(length), [name.length], name, [context.length], context, [1]);
  return hmac(hash, secret, info).subarray(0, length);
}
