/**
 * What a server's hello of TLS 1.3 asks for, or agrees on (RFC 8446, 4.1.3 and 4.1.4).
 *
 * @module
 */

import { type Tls13Keys, tls13Keys } from "../../ffi/mod.ts";
import { ExtensionType } from "./constants.ts";
import type { Hello, Tls13Offer } from "./hello.ts";
import { Malformed } from "./malformed.ts";
import { groupName } from "./names.ts";
import { uint16At } from "./octets.ts";
import { find, type ServerHello } from "./server_hello.ts";

/** Octets of a server's cookie that are given back: more than any server was seen to need. */
const COOKIE_BYTES_MAX = 1_024;

/** The hello that answers a HelloRetryRequest; undefined when the question after a group was all of the offer. */
export function secondHello(offer: Tls13Offer, request: ServerHello): Hello | Malformed | undefined {
  const { groups, shares, retry } = offer;
  const group = request.keyShareGroup;
  if (group !== undefined && (!groups.includes(group) || shares.has(group))) {
    return new Malformed(`a HelloRetryRequest for ${groupName(group)}`);
  }
  if (retry === undefined && group !== undefined) return undefined;
  const cookie = cookieOf(request);
  if (cookie instanceof Malformed) return cookie;
  if (retry === undefined || group === undefined && cookie === undefined) {
    return new Malformed("a HelloRetryRequest that asks for nothing");
  }
  return retry(group, cookie);
}

/** What a HelloRetryRequest wants to have back (RFC 8446, 4.2.2). */
function cookieOf(request: ServerHello): Uint8Array | Malformed | undefined {
  const data = find(request.extensions, ExtensionType.COOKIE);
  if (data === undefined) return undefined;
  if (data.length < 3 || uint16At(data, 0) !== data.length - 2) {
    return new Malformed("a cookie that does not fill its extension");
  }
  const cookie = data.subarray(2);
  if (cookie.length <= COOKIE_BYTES_MAX) return cookie;
  return new Malformed(`a cookie of ${cookie.length} octets, above ${COOKIE_BYTES_MAX}`);
}

/** The keys of the handshake's records after a ServerHello; `transcript` ends with it. */
export function handshakeKeys(
  offer: Tls13Offer,
  hello: ServerHello,
  transcript: Uint8Array,
): Tls13Keys | Malformed {
  const share = find(hello.extensions, ExtensionType.KEY_SHARE) ?? new Uint8Array(0);
  const group = hello.keyShareGroup;
  if (group === undefined || share.length < 4 || uint16At(share, 2) !== share.length - 4) {
    return new Malformed("a ServerHello without a key share");
  }
  const ours = offer.shares.get(group);
  if (ours === undefined) return new Malformed(`a key share of ${groupName(group)}, which was not offered`);
  const { cipherSuite: suite } = hello;
  const keys = tls13Keys({ suite, group, secret: ours.secret, serverShare: share.subarray(4), transcript });
  return keys ?? new Malformed(`a key share that is none of ${groupName(group)}`);
}
