/**
 * The ClientHello of a capture (RFC 5246, 7.4.1.2). It offers at most TLS 1.2, so that the certificate chain
 * comes back in clear, and it never offers compress_certificate, a session id or a ticket, so that the chain
 * comes whole.
 *
 * The octets are laid out once; each call copies them and patches the random and, with a server name, the
 * lengths.
 *
 * @module
 */

import { OFFERED_CIPHER_SUITES } from "./cipher_suites.ts";
import {
  ContentType,
  ExtensionType,
  HANDSHAKE_HEADER_BYTES,
  HandshakeType,
  RANDOM_BYTES,
  RECORD_HEADER_BYTES,
  Version,
} from "./constants.ts";

/** Most used first: x25519, secp256r1, secp384r1, secp521r1, x448 (RFC 8422, 5.1.1). */
const SUPPORTED_GROUPS = [29, 23, 24, 25, 30];

/**
 * ECDSA, EdDSA, RSA-PSS, RSA, DSA, and SHA-1 at the end for servers that have nothing else
 * (RFC 5246, 7.4.1.4.1; RFC 8446, 4.2.3).
 */
const SIGNATURE_ALGORITHMS = [
  ...[0x0403, 0x0503, 0x0603, 0x0807, 0x0808],
  ...[0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b],
  ...[0x0401, 0x0501, 0x0601, 0x0402, 0x0203, 0x0201, 0x0202],
];

/** Octets of a host name on the wire, without a trailing dot (RFC 1035, 2.3.4). */
const SERVER_NAME_BYTES_MAX = 253;

const RANDOM_OFFSET = RECORD_HEADER_BYTES + HANDSHAKE_HEADER_BYTES + 2;

const uint16 = (value: number): number[] => [value >> 8, value & 0xff];
const uint24 = (value: number): number[] => [value >> 16, ...uint16(value & 0xffff)];
const uint16List = (values: Iterable<number>): number[] => {
  const octets = Array.from(values, uint16).flat();
  return [...uint16(octets.length), ...octets];
};
const extension = (type: number, data: number[]): number[] => [
  ...uint16(type),
  ...uint16(data.length),
  ...data,
];

/**
 * The end of the extension block, server name and padding aside. The empty one is not last: some servers
 * fail.
 */
const COMMON_EXTENSIONS = [
  ...extension(ExtensionType.EXTENDED_MASTER_SECRET, []),
  ...extension(ExtensionType.SUPPORTED_GROUPS, uint16List(SUPPORTED_GROUPS)),
  ...extension(ExtensionType.EC_POINT_FORMATS, [1, 0]),
  ...extension(ExtensionType.SIGNATURE_ALGORITHMS, uint16List(SIGNATURE_ALGORITHMS)),
  ...extension(ExtensionType.RENEGOTIATION_INFO, [0]),
];

/** Everything before the extensions, with zeros for the lengths and the random. */
const HEAD = Uint8Array.from([
  // Servers of the TLS 1.0 age drop a first record that claims more than 0x0301 (RFC 5246, E.1).
  ...[ContentType.HANDSHAKE, ...uint16(Version.TLS_1_0), ...uint16(0)],
  ...[HandshakeType.CLIENT_HELLO, ...uint24(0)],
  ...uint16(Version.TLS_1_2),
  ...new Array<number>(RANDOM_BYTES).fill(0),
  ...[0], // An empty session id: nothing to resume, so the server must send its chain.
  ...uint16List(OFFERED_CIPHER_SUITES.keys()),
  ...[1, 0], // One compression method: null.
  ...uint16(0),
]);

const NAMELESS = assemble([]);

/**
 * The first record to send. `random` must be 32 octets (and fresh: it is all that tells two hellos apart).
 * With `serverName` the hello carries server_name (RFC 6066, 3).
 *
 * @throws {RangeError} when `random` has another length, or {@linkcode isServerName} refuses `serverName`.
 */
export function clientHello(random: Uint8Array, serverName?: string): Uint8Array {
  if (random.length !== RANDOM_BYTES) {
    throw new RangeError(`Cannot build a ClientHello from ${random.length} random octets: it takes 32`);
  }
  const hello = serverName === undefined ? NAMELESS.slice() : assemble(serverNameExtension(serverName));
  hello.set(random, RANDOM_OFFSET);
  return hello;
}

/**
 * Whether `text` may stand in server_name: a host name in ASCII, no trailing dot, not an address (RFC 6066,
 * 3).
 */
export function isServerName(text: string): boolean {
  return text.length <= SERVER_NAME_BYTES_MAX &&
    /^[\w-]+(\.[\w-]+)*$/.test(text) &&
    !/^[\d.]+$/.test(text);
}

function serverNameExtension(serverName: string): number[] {
  if (!isServerName(serverName)) {
    throw new RangeError(`Cannot offer server name ${JSON.stringify(serverName)}: not an ASCII host name`);
  }
  const name = Array.from(serverName, (character) => character.charCodeAt(0));
  const entry = [0, ...uint16(name.length), ...name];
  return extension(ExtensionType.SERVER_NAME, [...uint16(entry.length), ...entry]);
}

function assemble(serverName: number[]): Uint8Array {
  const unpadded = HEAD.length - RECORD_HEADER_BYTES + serverName.length + COMMON_EXTENSIONS.length;
  const padding = paddingExtension(unpadded);
  const hello = new Uint8Array(RECORD_HEADER_BYTES + unpadded + padding.length);
  hello.set(HEAD);
  hello.set(serverName, HEAD.length);
  hello.set(COMMON_EXTENSIONS, HEAD.length + serverName.length);
  hello.set(padding, RECORD_HEADER_BYTES + unpadded);
  const view = new DataView(hello.buffer);
  view.setUint16(3, hello.length - RECORD_HEADER_BYTES);
  view.setUint16(7, hello.length - RECORD_HEADER_BYTES - HANDSHAKE_HEADER_BYTES);
  view.setUint16(HEAD.length - 2, hello.length - HEAD.length);
  return hello;
}

/** Some load balancers hang on a ClientHello of 256 to 511 octets (RFC 7685, 1): such a one grows to 512. */
function paddingExtension(unpadded: number): number[] {
  if (unpadded < 256 || unpadded > 511) return [];
  return extension(ExtensionType.PADDING, new Array<number>(Math.max(1, 512 - unpadded - 4)).fill(0));
}
