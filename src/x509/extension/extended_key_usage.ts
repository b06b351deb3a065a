import { type DerReader, Tag } from "../der.ts";
import { readObjectIdentifier } from "../oid.ts";

/** RFC 5280 4.2.1.12. */
const KEY_PURPOSES: ReadonlyMap<string, string> = new Map([
  ["2.5.29.37.0", "anyExtendedKeyUsage"],
  ["1.3.6.1.5.5.7.3.1", "serverAuth"],
  ["1.3.6.1.5.5.7.3.2", "clientAuth"],
  ["1.3.6.1.5.5.7.3.3", "codeSigning"],
  ["1.3.6.1.5.5.7.3.4", "emailProtection"],
  ["1.3.6.1.5.5.7.3.8", "timeStamping"],
  ["1.3.6.1.5.5.7.3.9", "OCSPSigning"],
]);

/** Reads the value of the extension; `owner` keeps what was read when the rest is broken. */
export function readExtendedKeyUsage(
  reader: DerReader,
  limit: number,
  owner: { extendedKeyUsage: readonly string[] | null },
): void {
  const purposes: string[] = [];
  owner.extendedKeyUsage = purposes;
  const end = reader.enter(Tag.sequence, limit);
  while (reader.position < end) {
    const identifier = readObjectIdentifier(reader, end);
    purposes.push(KEY_PURPOSES.get(identifier) ?? identifier);
  }
}
