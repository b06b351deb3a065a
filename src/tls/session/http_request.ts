/**
 * The one HTTP request of a session (RFC 9112, 3).
 *
 * @module
 */

import { Buffer } from "node:buffer";

/** What to ask a server for. */
export interface HttpRequest {
  /** The request target: begins with a slash; printable ASCII without spaces. */
  readonly path: string;
  /** For the Host field: a name or an address, with the port where it is not 443. */
  readonly host: string;
  /** Octets of the body to keep at most. */
  readonly bodyBytesMax: number;
}

/**
 * A GET request that asks the server to close behind its answer.
 *
 * @throws {RangeError} when `path` or `host` could not stand in a request as they are.
 */
export function encodeHttpRequest({ path, host }: HttpRequest): Uint8Array {
  if (!/^\/[\x21-\x7e]*$/.test(path)) {
    throw new RangeError(
      `Cannot ask for ${
        JSON.stringify(path)
      }: a path begins with a slash, and has neither spaces nor controls nor ` +
        "letters beyond ASCII; percent-encode them",
    );
  }
  if (!/^[\x21-\x7e]+$/.test(host)) {
    throw new RangeError(`Cannot ask ${JSON.stringify(host)} for anything: it is no host`);
  }
  const fields = [`Host: ${host}`, "User-Agent: margay", "Accept: */*", "Connection: close"];
  return Buffer.from([`GET ${path} HTTP/1.1`, ...fields, "", ""].join("\r\n"), "latin1");
}
