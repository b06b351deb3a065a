/**
 * The body of a ServerHello (RFC 5246, 7.4.1.3; RFC 8446, 4.1.3), and what its random announces.
 *
 * @module
 */

import { ExtensionType, RANDOM_BYTES, SENTINEL_BYTES, SESSION_ID_BYTES_MAX, Version } from "./constants.ts";
import { Malformed } from "./malformed.ts";
import { uint16At } from "./octets.ts";

/** One extension of a server's (RFC 5246, 7.4.1.4). */
export interface ServerExtension {
  /** ExtensionType, 16 bits. */
  readonly type: number;
  readonly data: Uint8Array;
}

/** What a server chose, and what it says of itself. Octets are views of the message's body. */
export interface ServerHello {
  /**
   * The version the server chose: supported_versions where it sent that, else the version field.
   * {@linkcode versionName} names it.
   */
  readonly version: number;
  /** The version field, which TLS 1.3 leaves at 1.2. */
  readonly legacyVersion: number;
  /** 32 octets. */
  readonly random: Uint8Array;
  /** 0 to 32 octets. */
  readonly sessionId: Uint8Array;
  /** The suite the server chose; {@linkcode cipherSuiteName} names it. */
  readonly cipherSuite: number;
  /** The compression method the server chose, 0 for none. */
  readonly compression: number;
  /** In the order they came. */
  readonly extensions: readonly ServerExtension[];
  /** The application protocol the server chose (RFC 7301); TLS 1.3 tells it later, under encryption. */
  readonly alpn?: string | undefined;
  /** The group of the server's key share, or the one that it asks for one of (RFC 8446, 4.2.8). */
  readonly keyShareGroup?: number | undefined;
  /** A HelloRetryRequest: the server wants another hello before it answers (RFC 8446, 4.1.4). */
  readonly isRetryRequest: boolean;
  /** The server chose TLS 1.2 and says that it also speaks TLS 1.3. False proves nothing. */
  readonly tls13Announced: boolean;
  /**
   * The server chose TLS 1.1 or older and says that it also speaks TLS 1.2 or later. False proves nothing.
   */
  readonly tls12Announced: boolean;
}

/** Behind the version. */
const RANDOM_OFFSET = 2;

/** Version, random and session id length. */
const FIXED_BYTES = RANDOM_OFFSET + RANDOM_BYTES + 1;

/** "DOWNGRD", which one octet follows: 1 from TLS 1.3 down to 1.2, 0 down to 1.1 or older. */
const SENTINEL = [0x44, 0x4f, 0x57, 0x4e, 0x47, 0x52, 0x44];

/** The random of every HelloRetryRequest: SHA-256 of that word (RFC 8446, 4.1.3). */
const RETRY_RANDOM = Uint8Array.from([
  ...[0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91],
  ...[0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c],
]);

/** Reads the body of a ServerHello, without its message header. */
export function parseServerHello(body: Uint8Array): ServerHello | Malformed {
  if (body.length < FIXED_BYTES) return new Malformed(`a ServerHello of ${body.length} octets`);
  const sessionIdLength = body[FIXED_BYTES - 1]!;
  if (sessionIdLength > SESSION_ID_BYTES_MAX) {
    return new Malformed(`a session id of ${sessionIdLength} octets, above ${SESSION_ID_BYTES_MAX}`);
  }
  const suiteOffset = FIXED_BYTES + sessionIdLength;
  const extensionsOffset = suiteOffset + 3;
  if (body.length < extensionsOffset) return new Malformed("a ServerHello that ends before its cipher suite");
  // The whole block may be missing (RFC 5246, 7.4.1.3).
  const extensions = body.length === extensionsOffset
    ? []
    : parseExtensions(body, extensionsOffset, "a ServerHello");
  if (extensions instanceof Malformed) return extensions;
  const legacyVersion = uint16At(body, 0);
  const selected = find(extensions, ExtensionType.SUPPORTED_VERSIONS);
  const version = selected?.length === 2 ? uint16At(selected, 0) : legacyVersion;
  const sentinel = downgradeSentinel(body);
  const keyShare = find(extensions, ExtensionType.KEY_SHARE);
  return {
    version,
    legacyVersion,
    random: body.subarray(RANDOM_OFFSET, RANDOM_OFFSET + RANDOM_BYTES),
    sessionId: body.subarray(FIXED_BYTES, suiteOffset),
    cipherSuite: uint16At(body, suiteOffset),
    compression: body[suiteOffset + 2]!,
    extensions,
    alpn: selectedProtocol(extensions),
    keyShareGroup: keyShare !== undefined && keyShare.length >= 2 ? uint16At(keyShare, 0) : undefined,
    isRetryRequest: version === Version.TLS_1_3 && isAt(RETRY_RANDOM, body, RANDOM_OFFSET),
    tls13Announced: sentinel === 1 && version === Version.TLS_1_2,
    tls12Announced: sentinel === 0 && version < Version.TLS_1_2,
  };
}

/**
 * The extensions of a block from `blockOffset` to the end of `body`, which it must fill, as ServerHello and
 * EncryptedExtensions have one (RFC 8446, 4.3.1). `place` is for the reason.
 */
export function parseExtensions(
  body: Uint8Array,
  blockOffset: number,
  place: string,
): ServerExtension[] | Malformed {
  const blockLength = body.length - blockOffset;
  if (blockLength < 2 || uint16At(body, blockOffset) !== blockLength - 2) {
    return new Malformed(`${place} whose extensions do not fill it`);
  }
  const extensions: ServerExtension[] = [];
  for (let offset = blockOffset + 2; offset < body.length;) {
    const start = offset + 4;
    const end = start > body.length ? start : start + uint16At(body, offset + 2);
    if (end > body.length) return new Malformed(`${place} extension that runs over the end`);
    extensions.push({ type: uint16At(body, offset), data: body.subarray(start, end) });
    offset = end;
  }
  return extensions;
}

/** The one protocol name that a server's answer holds (RFC 7301, 3.1); undefined when it is not formed so. */
export function selectedProtocol(extensions: readonly ServerExtension[]): string | undefined {
  const data = find(extensions, ExtensionType.APPLICATION_LAYER_PROTOCOL_NEGOTIATION);
  if (data === undefined || data.length < 4) return undefined;
  const isOneName = uint16At(data, 0) === data.length - 2 && data[2] === data.length - 3;
  // Names are octets, which Latin-1 keeps apart from one another.
  return isOneName ? String.fromCharCode(...data.subarray(3)) : undefined;
}

/** The data of the first extension of a type. */
export function find(extensions: readonly ServerExtension[], type: number): Uint8Array | undefined {
  return extensions.find((extension) => extension.type === type)?.data;
}

/** The octet behind the sentinel in the random, where there is one. */
function downgradeSentinel(body: Uint8Array): number | undefined {
  const end = RANDOM_OFFSET + RANDOM_BYTES;
  return isAt(SENTINEL, body, end - SENTINEL_BYTES) ? body[end - 1] : undefined;
}

function isAt(octets: ArrayLike<number>, body: Uint8Array, offset: number): boolean {
  for (let index = 0; index < octets.length; index++) {
    if (body[offset + index] !== octets[index]) return false;
  }
  return true;
}
