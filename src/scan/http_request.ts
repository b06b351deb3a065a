import type { HttpRequest } from "../tls/session/mod.ts";
import type { Finding } from "./finding.ts";

/** The one that a Host field leaves out (RFC 9110, 4.2.2). */
const HTTPS_PORT = 443;

/** Octets of a response's body that are kept, as ZGrab2 does it. */
const BODY_BYTES_MAX = 256 * 1024;

/** What to ask the server of a finding for; undefined where it speaks another protocol than HTTP. */
export function httpRequest(
  path: string,
  { address, port, serverName, starttls }: Finding,
): HttpRequest | undefined {
  // What speaks another protocol before the handshake speaks it behind it too.
  if (starttls !== undefined) return undefined;
  const name = serverName ?? (address.includes(":") ? `[${address}]` : address);
  return { path, host: port === HTTPS_PORT ? name : `${name}:${port}`, bodyBytesMax: BODY_BYTES_MAX };
}
