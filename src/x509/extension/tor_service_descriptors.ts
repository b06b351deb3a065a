import { unusedBits } from "../bit_string.ts";
import { type DerReader, Tag } from "../der.ts";
import { hashName } from "../hash_name.ts";
import { readObjectIdentifier } from "../oid.ts";
import { readString } from "../text.ts";

/** The key of an onion service (CA/Browser Forum's EV Guidelines, appendix F). */
export interface TorServiceDescriptor {
  readonly uri: string;
  /** "SHA-256", or a dotted object identifier. */
  readonly hashAlgorithm: string;
  /** Of the service's public key: a view of the certificate's octets. */
  readonly hash: Uint8Array;
  readonly hashBits: number;
}

/** Reads the value of the extension; `owner` keeps what was read when the rest is broken. */
export function readTorServiceDescriptors(
  reader: DerReader,
  limit: number,
  owner: { torServiceDescriptors: readonly TorServiceDescriptor[] | null },
): void {
  const descriptors: TorServiceDescriptor[] = [];
  owner.torServiceDescriptors = descriptors;
  const end = reader.enter(Tag.sequence, limit);
  while (reader.position < end) {
    const descriptorEnd = reader.enter(Tag.sequence, end);
    const uri = readString(reader, descriptorEnd);
    const algorithmEnd = reader.enter(Tag.sequence, descriptorEnd);
    const hashAlgorithm = hashName(readObjectIdentifier(reader, algorithmEnd));
    reader.position = algorithmEnd;
    reader.expect(Tag.bitString, descriptorEnd);
    const hash = reader.bytes.subarray(reader.start + 1, reader.end);
    descriptors.push({ uri, hashAlgorithm, hash, hashBits: hash.length * 8 - unusedBits(reader) });
    reader.finish(descriptorEnd);
    reader.position = descriptorEnd;
  }
}
