/**
 * The body of a ServerHello (RFC 5246, 7.4.1.3), and what its random announces (RFC 8446, 4.1.3).
 *
 * @module
 */

import { ExtensionType, RANDOM_BYTES, SENTINEL_BYTES, SESSION_ID_BYTES_MAX, Version } from "./constants.ts";
import { Malformed } from "./malformed.ts";

/** What a server chose, and what it says of itself. */
export interface ServerHello {
  /**
   * The version the server chose: supported_versions where it sent that, else the version field.
   * {@linkcode versionName} names it.
   */
  readonly version: number;
  /** 32 octets, a view of the body. */
  readonly random: Uint8Array;
  /** Octets of the session id, 0 to 32. */
  readonly sessionIdLength: number;
  /** The suite the server chose; {@linkcode cipherSuiteName} names it. */
  readonly cipherSuite: number;
  /** The compression method the server chose, 0 for none. */
  readonly compression: number;
  /** The server chose TLS 1.2 and says that it also speaks TLS 1.3. False proves nothing. */
  readonly tls13Announced: boolean;
  /**
   * The server chose TLS 1.1 or older and says that it also speaks TLS 1.2 or later. False proves nothing.
   */
  readonly tls12Announced: boolean;
}

/** Version, random and session id length. */
const FIXED_BYTES = 2 + RANDOM_BYTES + 1;

/** "DOWNGRD", which one octet follows: 1 from TLS 1.3 down to 1.2, 0 down to 1.1 or older. */
const SENTINEL = [0x44, 0x4f, 0x57, 0x4e, 0x47, 0x52, 0x44];

/** Reads the body of a ServerHello (RFC 5246, 7.4.1.3), without its message header. */
export function parseServerHello(body: Uint8Array): ServerHello | Malformed {
  if (body.length < FIXED_BYTES) return new Malformed(`a ServerHello of ${body.length} octets`);
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const sessionIdLength = body[FIXED_BYTES - 1]!;
  if (sessionIdLength > SESSION_ID_BYTES_MAX) {
    return new Malformed(`a session id of ${sessionIdLength} octets, above ${SESSION_ID_BYTES_MAX}`);
  }
  const suiteOffset = FIXED_BYTES + sessionIdLength;
  const extensionsOffset = suiteOffset + 3;
  if (body.length < extensionsOffset) return new Malformed("a ServerHello that ends before its cipher suite");
  const selected = selectedVersion(view, extensionsOffset);
  if (selected instanceof Malformed) return selected;
  const version = selected ?? view.getUint16(0);
  const random = body.subarray(2, 2 + RANDOM_BYTES);
  const sentinel = downgradeSentinel(random);
  return {
    version,
    random,
    sessionIdLength,
    cipherSuite: view.getUint16(suiteOffset),
    compression: body[suiteOffset + 2]!,
    tls13Announced: sentinel === 1 && version === Version.TLS_1_2,
    tls12Announced: sentinel === 0 && version < Version.TLS_1_2,
  };
}

function downgradeSentinel(random: Uint8Array): number | undefined {
  const start = RANDOM_BYTES - SENTINEL_BYTES;
  return SENTINEL.every((octet, index) => random[start + index] === octet)
    ? random[RANDOM_BYTES - 1]
    : undefined;
}

/** Walks the extensions, which may be missing (RFC 5246, 7.4.1.3), for the version in supported_versions. */
function selectedVersion(view: DataView, start: number): number | Malformed | undefined {
  const size = view.byteLength;
  if (start === size) return undefined;
  if (size - start < 2 || view.getUint16(start) !== size - start - 2) {
    return new Malformed("a ServerHello whose extensions do not fill it");
  }
  let version: number | undefined;
  for (let offset = start + 2; offset < size;) {
    const end = size - offset < 4 ? size + 1 : offset + 4 + view.getUint16(offset + 2);
    if (end > size) return new Malformed("a ServerHello extension that runs over the end");
    const supportedVersions = view.getUint16(offset) === ExtensionType.SUPPORTED_VERSIONS;
    if (supportedVersions && end - offset === 6) version = view.getUint16(offset + 4);
    offset = end;
  }
  return version;
}
