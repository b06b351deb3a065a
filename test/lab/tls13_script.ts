/**
 * The server's side of a TLS 1.3 handshake as far as its certificate (RFC 8446, 4 and 7.1), for servers that then say
 * what no server may. Shares nothing with src/tls: TLS_AES_128_GCM_SHA256 and x25519 of the platform's cryptography.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createCipheriv, createHash, createHmac } from "node:crypto";
import { concatenate, message, type Octets, record } from "../unit/tls/flight_bytes.ts";
import { readHello } from "../unit/tls/read_hello.ts";

const SUITE = [0x13, 0x01];
const X25519 = [0x00, 0x1d];
const SUPPORTED_VERSIONS = 43;
const COOKIE = 44;
const KEY_SHARE = 51;
const RECORD_HEADER_BYTES = 5;
const HASH_BYTES = 32;
/** SHA-256 of "HelloRetryRequest", which stands in place of the random (RFC 8446, 4.1.3). */
const RETRY_RANDOM = createHash("sha256").update("HelloRetryRequest").digest();
const NOTHING = new Uint8Array(0);

/** What a ServerHello says, each field as it should be unless given. */
export interface Tls13HelloFields {
  readonly version?: readonly number[];
  readonly suite?: readonly number[];
  /** The data of key_share; none is sent when it is empty. */
  readonly keyShare?: Octets;
  readonly isRetry?: boolean;
  readonly cookie?: Octets;
}

/** One handshake with one client. */
export class Tls13Script {
  readonly #keys: CryptoKeyPair;
  /** The data of key_share with this side's key. */
  readonly keyShare: Octets;
  #transcript: Octets[] = [];
  #hello = NOTHING as Octets;
  #key: Buffer | undefined;
  #iv: Buffer | undefined;
  #sequence = 0;

  private constructor(keys: CryptoKeyPair, publicKey: Octets) {
    this.#keys = keys;
    this.keyShare = concatenate([...X25519, 0, publicKey.length], publicKey);
  }

  static async start(): Promise<Tls13Script> {
    const keys = await crypto.subtle.generateKey("X25519", true, ["deriveBits"]) as CryptoKeyPair;
    return new Tls13Script(keys, new Uint8Array(await crypto.subtle.exportKey("raw", keys.publicKey)));
  }

  /** Takes a ClientHello: one record. */
  take(hello: Octets): void {
    this.#hello = hello;
    this.#transcript.push(hello.subarray(RECORD_HEADER_BYTES));
  }

  /** A ServerHello, or a HelloRetryRequest, in a record of its own. */
  hello(fields: Tls13HelloFields = {}): Octets {
    const { version = [3, 4], suite = SUITE, keyShare = this.keyShare, isRetry = false, cookie } = fields;
    const { sessionId } = readHello(this.#hello);
    const extensions = concatenate(
      extension(SUPPORTED_VERSIONS, Uint8Array.from(version)),
      keyShare.length === 0 ? NOTHING : extension(KEY_SHARE, keyShare),
      cookie === undefined ? NOTHING : extension(COOKIE, concatenate(uint16(cookie.length), cookie)),
    );
    const random = isRetry ? RETRY_RANDOM : crypto.getRandomValues(new Uint8Array(32));
    const body = concatenate(
      [3, 3],
      random,
      [sessionId.length],
      sessionId,
      [...suite, 0],
      uint16(extensions.length),
      extensions,
    );
    const whole = message(2, body);
    if (isRetry) {
      const hash = createHash("sha256").update(concatenate(...this.#transcript)).digest();
      this.#transcript = [message(254, hash)];
    }
    this.#transcript.push(whole);
    return record(22, whole);
  }

  /** Derives the server's handshake key: the client's x25519 share and all that was said so far decide it. */
  async startProtection(): Promise<void> {
    const share = readHello(this.#hello).extensions?.get(KEY_SHARE);
    const at = Buffer.from(share ?? NOTHING).indexOf(Uint8Array.of(...X25519, 0, 32));
    if (share === undefined || at < 0) throw new Error("Cannot encrypt: the client sent no share of x25519");
    const theirs = await crypto.subtle.importKey("raw", share.slice(at + 4, at + 36), "X25519", false, []);
    const algorithm = { name: "X25519", public: theirs };
    const shared = Buffer.from(await crypto.subtle.deriveBits(algorithm, this.#keys.privateKey, 256));
    const early = extract(Buffer.alloc(HASH_BYTES), Buffer.alloc(HASH_BYTES));
    const empty = createHash("sha256").digest();
    const handshake = extract(expandLabel(early, "derived", empty, HASH_BYTES), shared);
    const heard = createHash("sha256").update(concatenate(...this.#transcript)).digest();
    const traffic = expandLabel(handshake, "s hs traffic", heard, HASH_BYTES);
    this.#key = expandLabel(traffic, "key", Buffer.alloc(0), 16);
    this.#iv = expandLabel(traffic, "iv", Buffer.alloc(0), 12);
  }

  /** A protected record (RFC 8446, 5.2), with zeros behind its content type. */
  seal(contentType: number, content: Octets, paddingLength = 0): Octets {
    const nonce = Buffer.from(this.#iv!);
    nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ this.#sequence++) >>> 0, 8);
    const inner = concatenate(content, [contentType], new Uint8Array(paddingLength));
    const header = Uint8Array.of(23, 3, 3, ...uint16(inner.length + 16));
    const cipher = createCipheriv("aes-128-gcm", this.#key!, nonce);
    cipher.setAAD(header);
    return concatenate(header, cipher.update(inner), cipher.final(), cipher.getAuthTag());
  }
}

/** An EncryptedExtensions that says nothing (RFC 8446, 4.3.1). */
export const ENCRYPTED_EXTENSIONS: Octets = message(8, Uint8Array.of(0, 0));

/** A CertificateRequest for ECDSA on P-256 (RFC 8446, 4.3.2). */
export const CERTIFICATE_REQUEST: Octets = message(13, Uint8Array.of(0, 0, 8, 0, 13, 0, 4, 0, 2, 4, 3));

/** A Certificate message (RFC 8446, 4.4.2) whose certificates have no extensions. */
export function tls13Certificate(...chain: Octets[]): Octets {
  const list = concatenate(...chain.map((der) => concatenate(uint24(der.length), der, [0, 0])));
  return message(11, concatenate([0], uint24(list.length), list));
}

function extension(type: number, data: Octets): Octets {
  return concatenate(uint16(type), uint16(data.length), data);
}

function extract(salt: Buffer, secret: Buffer): Buffer {
  return createHmac("sha256", salt).update(secret).digest();
}

/** HKDF-Expand-Label (RFC 8446, 7.1), for what one hash has room for. */
function expandLabel(secret: Buffer, label: string, context: Buffer, length: number): Buffer {
  const whole = Buffer.from(`tls13 ${label}`);
  const info = [Buffer.of(0, length, whole.length), whole, Buffer.of(context.length), context, Buffer.of(1)];
  return createHmac("sha256", secret).update(Buffer.concat(info)).digest().subarray(0, length);
}

function uint16(value: number): number[] {
  return [value >> 8, value & 255];
}

function uint24(value: number): number[] {
  return [value >> 16, ...uint16(value & 65_535)];
}
