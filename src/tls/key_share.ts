/**
 * This run's keys for the key exchange of TLS 1.3 (RFC 8446, 4.2.8).
 *
 * A key is made when its group is first wanted and serves until the process ends, and its scalar is short: 32 bits at
 * random. Nothing is kept secret by it. No handshake is finished, and all that is read under encryption is a
 * certificate that the server shows to everybody. A fresh key of full length for each capture would make the key
 * exchange cost fifteen times as much.
 *
 * @module
 */

import { TLS13_SECRET_BYTES, tls13PublicShare } from "../../ffi/mod.ts";
import { NamedGroup } from "./constants.ts";

/** Both halves of a key. */
export interface KeyShare {
  /** The private key, as the library takes it. */
  readonly secret: Uint8Array<ArrayBuffer>;
  /** What the server gets to see. */
  readonly publicShare: Uint8Array;
}

/** Octets of the scalars of the curves (FIPS 186-5, 6.1.1). */
const WEIERSTRASS_SCALAR_BYTES: ReadonlyMap<number, number> = new Map<number, number>([
  [NamedGroup.SECP256R1, 32],
  [NamedGroup.SECP384R1, 48],
]);

/** Octets of the seed that stands before the scalar of x25519 (FIPS 203, 7.1). */
const ML_KEM_SEED_BYTES = 64;

const SHARES = new Map<number, KeyShare>();

/** This run's key of a NamedGroup that the library has. */
export function keyShare(group: number): KeyShare {
  let share = SHARES.get(group);
  if (share === undefined) {
    const secret = makeSecret(group);
    share = { secret, publicShare: tls13PublicShare(group, secret) };
    SHARES.set(group, share);
  }
  return share;
}

function makeSecret(group: number): Uint8Array<ArrayBuffer> {
  const secret = new Uint8Array(TLS13_SECRET_BYTES);
  const view = new DataView(secret.buffer);
  const scalar = crypto.getRandomValues(new Uint32Array(1))[0]! | 1;
  const weierstrassBytes = WEIERSTRASS_SCALAR_BYTES.get(group);
  if (weierstrassBytes !== undefined) {
    view.setUint32(weierstrassBytes - 4, scalar);
    return secret;
  }
  let offset = 0;
  if (group === NamedGroup.X25519MLKEM768) {
    crypto.getRandomValues(secret.subarray(0, ML_KEM_SEED_BYTES));
    offset = ML_KEM_SEED_BYTES;
  }
  // A multiple of 8 takes what is not of the curve's prime order out of a share, as clamping does (RFC 7748, 5).
  view.setBigUint64(offset, 8n * BigInt(scalar >>> 0), true);
  return secret;
}
