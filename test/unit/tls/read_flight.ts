/**
 * Feeds octets to a flight in every cut that matters, and insists on the same result.
 *
 * @module
 */

import { deepEqual } from "node:assert/strict";
import { Flight } from "../../../src/tls/flight.ts";
import type { Hello } from "../../../src/tls/hello.ts";

export const BYTES_MAX = 64 * 1024;

/** A flight fed in pieces of the given sizes, the last size repeated. Pieces are spoilt once fed. */
export function read(
  hello: Hello,
  bytes: Uint8Array,
  sizes: readonly number[] = [bytes.length],
  bytesMax = BYTES_MAX,
): Flight {
  const flight = new Flight(hello, bytesMax);
  let offset = 0;
  for (let turn = 0; offset < bytes.length; turn++) {
    const size = Math.max(1, sizes[Math.min(turn, sizes.length - 1)]!);
    const piece = bytes.slice(offset, offset + size);
    flight.feed(piece);
    piece.fill(0xee);
    offset += size;
  }
  return flight;
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
  const whole = read(hello, bytes, [bytes.length], bytesMax);
  deepEqual(facts(read(hello, bytes, [1], bytesMax)), facts(whole), "octet by octet");
  for (let cut = 1; cut < bytes.length; cut++) {
    deepEqual(facts(read(hello, bytes, [cut, bytes.length], bytesMax)), facts(whole), `cut at ${cut}`);
  }
  return whole;
}
