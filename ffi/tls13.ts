/**
 * The cryptography of TLS 1.3 that it takes to read a server's certificate (RFC 8446), done by the library.
 *
 * @module
 */
import { RecordKeys } from "./bindings.ts";
import { check, native } from "./library.ts";

/** Octets that a private key is made from, whatever its group. */
export const TLS13_SECRET_BYTES = 96;

/** Octets of the longest public share: X25519MLKEM768 (draft-ietf-tls-ecdhe-mlkem, 4.1). */
const SHARE_BYTES_MAX = 1_216;

/** Octets before a record's payload, and of the tag at its end (RFC 8446, 5.1 and 5.2). */
const RECORD_HEADER_BYTES = 5;
const TAG_BYTES = 16;

/** What protects the records of a server's handshake; as the library lays it out. */
export type Tls13Keys = Uint8Array<ArrayBuffer>;

/** What the keys of a handshake are derived from. */
export interface Tls13Exchange {
  /** The cipher suite, 0x1301 to 0x1303. */
  readonly suite: number;
  /** NamedGroup of the key exchange. */
  readonly group: number;
  /** As it was given for the public share. */
  readonly secret: Uint8Array<ArrayBuffer>;
  /** The server's share: the `key_exchange` of its KeyShareEntry. */
  readonly serverShare: Uint8Array;
  /** The handshake messages from ClientHello to ServerHello (RFC 8446, 4.4.1). */
  readonly transcript: Uint8Array;
}

/**
 * The public share of the private key that `secret` stands for: secp256r1 (23), secp384r1 (24), x25519 (29) or
 * X25519MLKEM768 (4588), the last of these as clients send it. The 96 octets of the secret are, from the start,
 * the scalar (big-endian; for x25519 as RFC 7748, 5 has it) or the seed d || z of ML-KEM-768 (FIPS 203, 7.1)
 * before the scalar of x25519.
 *
 * @throws {NativeError} when the group is another, or the scalar is 0 or not below the curve's order.
 */
export function tls13PublicShare(group: number, secret: Uint8Array<ArrayBuffer>): Uint8Array {
  if (secret.length !== TLS13_SECRET_BYTES) {
    throw new RangeError(`Cannot make a key from ${secret.length} octets: it takes ${TLS13_SECRET_BYTES}`);
  }
  const share = new Uint8Array(SHARE_BYTES_MAX);
  const length = new Uint32Array(1);
  check(native().margay_tls13_share(group, secret, share, length), `make a key of group ${group}`);
  return share.subarray(0, length[0]);
}

/** Where the library says whether it took what a server sent. */
const ACCEPTED = new Uint32Array(1);

/**
 * The keys of the server's handshake records (RFC 8446, 7.1 and 7.3); undefined when the server's share is none of
 * its group.
 *
 * @throws {NativeError} when suite or group is another than {@linkcode tls13PublicShare} and this say.
 */
export function tls13Keys(
  { suite, group, secret, serverShare, transcript }: Tls13Exchange,
): Tls13Keys | undefined {
  const keys = new Uint8Array(RecordKeys.size);
  const status = native().margay_tls13_keys(
    suite,
    group,
    secret,
    serverShare as Uint8Array<ArrayBuffer>,
    serverShare.length,
    transcript as Uint8Array<ArrayBuffer>,
    transcript.length,
    keys,
    ACCEPTED,
  );
  check(status, `derive the keys of suite ${suite} and group ${group}`);
  return ACCEPTED[0] === 1 ? keys : undefined;
}

/**
 * Opens the record with the given sequence number in place (RFC 8446, 5.2): the TLSInnerPlaintext as a view of
 * `record`, or undefined when its tag is wrong or it is shorter than one.
 *
 * @param record the record with its header, 5 octets or more.
 */
export function openTls13Record(
  keys: Tls13Keys,
  sequence: number,
  record: Uint8Array<ArrayBuffer>,
): Uint8Array | undefined {
  const status = native().margay_tls13_open(keys, BigInt(sequence), record, record.length, ACCEPTED);
  check(status, "open a TLS record");
  return ACCEPTED[0] === 1 ? record.subarray(RECORD_HEADER_BYTES, record.length - TAG_BYTES) : undefined;
}
