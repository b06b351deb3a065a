/**
 * Plays a server that says what is written down, to a prelude.
 *
 * @module
 */

import { deepEqual } from "node:assert/strict";
import {
  type StartTlsPrelude,
  startTlsPrelude,
  type StartTlsProtocol,
  type StartTlsServer,
} from "../../../../src/tls/starttls/mod.ts";
import { ascii, concatenate, type Octets } from "../flight_bytes.ts";

export const SERVER: StartTlsServer = { address: "192.0.2.1", port: 1, serverName: "server.example" };

/** What a prelude came to. */
export interface Rehearsal {
  /** Everything this side said, as one character for each octet. */
  readonly said: string;
  readonly outcome: StartTlsPrelude["outcome"];
  readonly reason: string | undefined;
  readonly transcript: StartTlsPrelude["transcript"];
}

/**
 * What comes of it when the server says `parts`, each as text or octets, waiting for no answer. It must be the same
 * whether the octets come at once, in these parts or one by one.
 */
export function rehearse(
  protocol: StartTlsProtocol,
  parts: readonly (string | Octets)[],
  server: StartTlsServer = SERVER,
): Rehearsal {
  const octets = parts.map((part) => typeof part === "string" ? ascii(part) : part);
  const all = concatenate(...octets);
  const whole = playPieces(protocol, [all], server);
  deepEqual(playPieces(protocol, octets, server), whole);
  deepEqual(playPieces(protocol, Array.from(all, (octet) => Uint8Array.of(octet)), server), whole);
  return whole;
}

function playPieces(
  protocol: StartTlsProtocol,
  pieces: readonly Octets[],
  server: StartTlsServer,
): Rehearsal {
  const prelude = startTlsPrelude(protocol, server);
  const said: Octets[] = [prelude.firstBytes];
  for (const piece of pieces) {
    const bytes = piece.slice();
    prelude.feed(bytes);
    bytes.fill(0xee); // Octets are only valid during the call: whatever was kept by reference is spoilt here.
    const reply = prelude.takeReply();
    if (reply !== undefined) said.push(reply);
  }
  const { outcome, reason, transcript } = prelude;
  return { said: latin1(concatenate(...said)), outcome, reason, transcript };
}

/** One character for each octet. */
export function latin1(octets: Octets): string {
  return String.fromCharCode(...octets);
}
