/**
 * Feeds octets to an exchange in every cut that matters, and insists on the same result.
 *
 * @module
 */

import { deepEqual } from "node:assert/strict";
import type { Exchange } from "../../../src/tls/exchange.ts";

/** The exchange, fed in pieces of the given sizes, the last size repeated. Pieces are spoilt once fed. */
export function feedPieces<E extends Exchange>(exchange: E, bytes: Uint8Array, sizes: readonly number[]): E {
  let offset = 0;
  for (let turn = 0; offset < bytes.length; turn++) {
    const size = Math.max(1, sizes[Math.min(turn, sizes.length - 1)]!);
    const piece = bytes.slice(offset, offset + size);
    exchange.feed(piece);
    piece.fill(0xee);
    offset += size;
  }
  return exchange;
}

/** Feeds exchanges the octets whole, one by one and cut in two at every boundary; in `facts` all must agree. */
export function feedEveryWay<E extends Exchange>(
  make: () => E,
  bytes: Uint8Array,
  facts: (exchange: E) => unknown,
): E {
  const whole = feedPieces(make(), bytes, [bytes.length]);
  deepEqual(facts(feedPieces(make(), bytes, [1])), facts(whole), "octet by octet");
  for (let cut = 1; cut < bytes.length; cut++) {
    deepEqual(facts(feedPieces(make(), bytes, [cut, bytes.length])), facts(whole), `cut at ${cut}`);
  }
  return whole;
}
