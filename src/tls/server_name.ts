/**
 * Names of hosts as a ClientHello may carry them (RFC 6066, 3).
 *
 * @module
 */

import { ExtensionType } from "./constants.ts";
import type { HelloExtension } from "./hello_shape.ts";
import { vector16 } from "./octets.ts";

/** Octets of a host name on the wire, without a trailing dot (RFC 1035, 2.3.4). */
const SERVER_NAME_BYTES_MAX = 253;

/** NameType host_name (RFC 6066, 3). */
const HOST_NAME = 0;

/**
 * Whether `text` may stand in server_name: a host name in ASCII, no trailing dot, not an address (RFC 6066,
 * 3).
 */
export function isServerName(text: string): boolean {
  return text.length <= SERVER_NAME_BYTES_MAX &&
    /^[\w-]+(\.[\w-]+)*$/.test(text) &&
    !/^[\d.]+$/.test(text);
}

/**
 * The extension that asks for `serverName`.
 *
 * @throws {RangeError} when {@linkcode isServerName} refuses it.
 */
export function serverNameExtension(serverName: string): HelloExtension {
  if (!isServerName(serverName)) {
    throw new RangeError(`Cannot offer server name ${JSON.stringify(serverName)}: not an ASCII host name`);
  }
  const name = Array.from(serverName, (character) => character.charCodeAt(0));
  return { type: ExtensionType.SERVER_NAME, data: vector16([HOST_NAME, ...vector16(name)]) };
}
