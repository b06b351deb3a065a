/**
 * This run's keys for the key exchange of TLS 1.3 (RFC 8446, 4.2.8).
 *
 * A key is made when its group is first wanted and serves until the process ends. Nothing is kept secret by it:
 * no handshake is finished, and all that is read under encryption is a certificate that the server shows to
 * everybody. A key for each capture would double the cost of one.
 *
 * @module
 */

import { TLS13_SECRET_BYTES, tls13PublicShare } from "../../ffi/mod.ts";

/** Both halves of a key. */
export interface KeyShare {
  /** What the library derives the private key from. */
  readonly secret: Uint8Array<ArrayBuffer>;
  /** What the server gets to see. */
  readonly publicShare: Uint8Array;
}

const SHARES = new Map<number, KeyShare>();

/** This run's key of a NamedGroup that the library has. */
export function keyShare(group: number): KeyShare {
  let share = SHARES.get(group);
  if (share === undefined) {
    const secret = crypto.getRandomValues(new Uint8Array(TLS13_SECRET_BYTES));
    // As a number it is now below the order of every curve.
    secret[0]! &= 0x7f;
    share = { secret, publicShare: tls13PublicShare(group, secret) };
    SHARES.set(group, share);
  }
  return share;
}
