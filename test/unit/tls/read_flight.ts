/**
 * Feeds octets to a flight, and says what it has read.
 *
 * @module
 */

import { Flight } from "../../../src/tls/flight.ts";
import type { Hello } from "../../../src/tls/hello.ts";
import { feedEveryWay, feedPieces } from "./pieces.ts";

export const BYTES_MAX = 64 * 1024;

/** A flight fed in pieces of the given sizes, the last size repeated. Pieces are spoilt once fed. */
export function read(
  hello: Hello,
  bytes: Uint8Array,
  sizes: readonly number[] = [bytes.length],
  bytesMax = BYTES_MAX,
): Flight {
  return feedPieces(new Flight(hello, bytesMax), bytes, sizes);
}

/** Everything a flight says, except the prefix, which depends on what had arrived. */
export function facts(flight: Flight) {
  const { outcome, reason, serverHello, encryptedExtensions, alpn, helloRetried, certificateRequested } =
    flight;
  const { alert, chain } = flight;
  const missing = outcome === undefined ? flight.missing : 0;
  return {
    ...{ outcome, reason, serverHello, encryptedExtensions, alpn, helloRetried, certificateRequested },
    ...{ alert, chain, missing },
  };
}

/** Reads the flight whole, octet by octet and cut in two at every boundary; all must agree. */
export function readEveryWay(hello: Hello, bytes: Uint8Array, bytesMax = BYTES_MAX): Flight {
  return feedEveryWay(() => new Flight(hello, bytesMax), bytes, facts);
}
