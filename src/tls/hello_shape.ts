/**
 * The octets of a ClientHello, of any version from SSL 3.0 to TLS 1.3 (RFC 6101, 5.6.1.2; RFC 5246, 7.4.1.2;
 * RFC 8446, 4.1.2), from its parts.
 *
 * @module
 */

import {
  ContentType,
  ExtensionType,
  HANDSHAKE_HEADER_BYTES,
  HandshakeType,
  RANDOM_BYTES,
  RECORD_HEADER_BYTES,
  RECORD_PAYLOAD_BYTES_MAX,
  SESSION_ID_BYTES_MAX,
} from "./constants.ts";
import { uint16, uint16List, vector16 } from "./octets.ts";

/** One extension (RFC 5246, 7.4.1.4). */
export interface HelloExtension {
  /** ExtensionType, 16 bits. */
  readonly type: number;
  readonly data: Uint8Array | readonly number[];
}

/** The parts of a ClientHello, which nothing is added to. */
export interface HelloShape {
  /** The version on the record, 16 bits: servers of the TLS 1.0 age drop a first one above 0x0301. */
  readonly recordVersion: number;
  /** `client_version`, from TLS 1.3 on `legacy_version`, 16 bits. */
  readonly version: number;
  /** 32 octets. */
  readonly random: Uint8Array;
  /** Up to 32 octets; empty unless given: nothing to resume. */
  readonly sessionId?: Uint8Array;
  /** 16 bits each, most preferred first. */
  readonly cipherSuites: Iterable<number>;
  /** 8 bits each; null alone unless given. */
  readonly compressionMethods?: readonly number[];
  /** In this order. Left out, the hello has no extension block at all, as in SSL 3.0. */
  readonly extensions?: readonly HelloExtension[];
}

/**
 * The hello as one handshake record.
 *
 * @throws {RangeError} when a part has another length than its field allows, or all of them are more than one
 * record carries.
 */
export function assembleHello(shape: HelloShape): Uint8Array {
  const { recordVersion, version, random, sessionId = [], compressionMethods = [0], extensions } = shape;
  if (random.length !== RANDOM_BYTES) {
    throw new RangeError(`Cannot build a ClientHello from ${random.length} random octets: it takes 32`);
  }
  if (sessionId.length > SESSION_ID_BYTES_MAX) {
    throw new RangeError(
      `Cannot build a ClientHello with a session id of ${sessionId.length} octets: above 32`,
    );
  }
  const body = [
    ...uint16(version),
    ...random,
    ...[sessionId.length, ...sessionId],
    ...uint16List(shape.cipherSuites),
    ...[compressionMethods.length, ...compressionMethods],
  ];
  if (extensions !== undefined) {
    const block = extensions.flatMap(extensionOctets);
    body.push(...uint16(block.length), ...block);
  }
  const length = HANDSHAKE_HEADER_BYTES + body.length;
  if (length > RECORD_PAYLOAD_BYTES_MAX) {
    throw new RangeError(`Cannot build a ClientHello of ${length} octets: a record carries 16384`);
  }
  return Uint8Array.from([
    ...[ContentType.HANDSHAKE, ...uint16(recordVersion), ...uint16(length)],
    ...[HandshakeType.CLIENT_HELLO, 0, ...uint16(body.length)],
    ...body,
  ]);
}

/** {@linkcode assembleHello}, with the padding that {@linkcode paddingExtension} says, at the end. */
export function assemblePaddedHello(
  shape: HelloShape & { readonly extensions: readonly HelloExtension[] },
): Uint8Array {
  const unpadded = assembleHello(shape);
  const padding = paddingExtension(unpadded.length - RECORD_HEADER_BYTES);
  return padding === undefined
    ? unpadded
    : assembleHello({ ...shape, extensions: [...shape.extensions, padding] });
}

/**
 * What a hello of `length` octets, its record header aside, must be padded with (RFC 7685), if at all: some load
 * balancers hang on one of 256 to 511 octets, so it grows to 512.
 */
export function paddingExtension(length: number): HelloExtension | undefined {
  if (length < 256 || length > 511) return undefined;
  // An extension without data at the very end is one more thing that some servers fail at.
  return { type: ExtensionType.PADDING, data: new Uint8Array(Math.max(1, 512 - length - 4)) };
}

/** The extension as it stands in a hello. */
export function extensionOctets({ type, data }: HelloExtension): number[] {
  return [...uint16(type), ...vector16(data)];
}
