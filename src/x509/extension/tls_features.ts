import { type DerReader, Tag } from "../der.ts";
import { readInteger, smallInteger } from "../integer.ts";

/** Reads the value of the extension TLS feature (RFC 7633); `owner` keeps what was read when the rest is broken. */
export function readTlsFeatures(
  reader: DerReader,
  limit: number,
  owner: { tlsFeatures: readonly number[] | null },
): void {
  const features: number[] = [];
  owner.tlsFeatures = features;
  const end = reader.enter(Tag.sequence, limit);
  while (reader.position < end) {
    readInteger(reader, end);
    const feature = smallInteger(reader.bytes, reader.start, reader.end);
    if (feature === null) reader.noteFlaw(`TLS feature out of range at octet ${reader.start}`);
    else features.push(feature);
  }
}
