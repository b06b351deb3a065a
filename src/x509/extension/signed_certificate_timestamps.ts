import { DerError, type DerReader, Tag } from "../der.ts";

/** A log's promise to publish a certificate (RFC 6962 3.2). Octets are views of the certificate's. */
export interface SignedCertificateTimestamp {
  /** 1, as people count; the encoding is one less. */
  readonly version: number;
  /** SHA-256 of the log's public key, 32 octets. */
  readonly logId: Uint8Array;
  /** Milliseconds since 1970 in UTC, without leap seconds. */
  readonly timestampMs: number;
  readonly extensions: Uint8Array;
  /**
   * DigitallySigned (RFC 5246 4.7): hash and signature algorithm, one octet each, length in two octets, signature.
   */
  readonly signed: Uint8Array;
}

/** Version, log identifier, timestamp, length of the extensions. */
const FIXED_LENGTH = 1 + 32 + 8 + 2;

/** Reads the value of the extension; `owner` keeps what was read when the rest is broken. */
export function readSignedCertificateTimestamps(
  reader: DerReader,
  limit: number,
  owner: { signedCertificateTimestamps: readonly SignedCertificateTimestamp[] | null },
): void {
  const timestamps: SignedCertificateTimestamp[] = [];
  owner.signedCertificateTimestamps = timestamps;
  reader.expect(Tag.octetString, limit);
  const { bytes, start, end } = reader;
  if (end - start < 2 || uint16(bytes, start) !== end - start - 2) throw malformed("list", start);
  for (let index = start + 2; index < end;) {
    const head = index;
    if (end - head < 2) throw malformed("timestamp", head);
    index += 2 + uint16(bytes, head);
    if (index > end) throw malformed("timestamp", head);
    timestamps.push(readTimestamp(bytes, head + 2, index));
  }
}

/** What lies between `start` and `end` is one timestamp. */
function readTimestamp(bytes: Uint8Array, start: number, end: number): SignedCertificateTimestamp {
  if (start === end || bytes[start] !== 0) throw new DerError(`no known timestamp version at octet ${start}`);
  const extensions = start + FIXED_LENGTH;
  if (extensions > end) throw malformed("timestamp", start);
  const signed = extensions + uint16(bytes, extensions - 2);
  if (signed + 4 > end || signed + 4 + uint16(bytes, signed + 2) !== end) throw malformed("timestamp", start);
  return {
    version: 1,
    logId: bytes.subarray(start + 1, start + 33),
    timestampMs: uint64(bytes, start + 33),
    extensions: bytes.subarray(extensions, signed),
    signed: bytes.subarray(signed, end),
  };
}

function uint16(bytes: Uint8Array, index: number): number {
  return bytes[index]! << 8 | bytes[index + 1]!;
}

/** Exact up to the year 287396. */
function uint64(bytes: Uint8Array, index: number): number {
  let value = 0;
  for (let offset = 0; offset < 8; offset += 1) value = value * 256 + bytes[index + offset]!;
  return value;
}

function malformed(what: string, index: number): DerError {
  return new DerError(`${what} malformed at octet ${index}`);
}
