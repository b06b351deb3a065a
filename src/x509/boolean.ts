import { DerError, type DerReader, Tag } from "./der.ts";

/** Reads a BOOLEAN (X.690 8.2) that must lie before `limit`; any octet but zero is true, as in BER. */
export function readBoolean(reader: DerReader, limit: number): boolean {
  reader.expect(Tag.boolean, limit);
  if (reader.end - reader.start !== 1) throw new DerError(`boolean not one octet at octet ${reader.start}`);
  return reader.bytes[reader.start] !== 0;
}
