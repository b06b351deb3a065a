import { type DerReader, Tag } from "../der.ts";
import type { Mutable } from "../mutable.ts";
import { decodeLatin1, readString } from "../text.ts";

/** Where an organisation is registered (CA/Browser Forum's EV Guidelines 9.8.2, cabfOrganizationIdentifier). */
export interface OrganizationIdentifier {
  /** The register's kind: "NTR", "VAT", "PSD". */
  readonly scheme: string;
  /** ISO 3166. */
  readonly country: string;
  readonly stateOrProvince: string | null;
  /** The number in the register. */
  readonly reference: string;
}

/** Identifier octet of registrationStateOrProvince (context-specific, implicit). */
const STATE_OR_PROVINCE = 0x80;

/** Reads the value of the extension. */
export function readOrganizationIdentifier(
  reader: DerReader,
  limit: number,
  owner: { organizationIdentifier: OrganizationIdentifier | null },
): void {
  const end = reader.enter(Tag.sequence, limit);
  const identifier: Mutable<OrganizationIdentifier> = {
    scheme: readString(reader, end),
    country: readString(reader, end),
    stateOrProvince: null,
    reference: "",
  };
  if (reader.peek(end) === STATE_OR_PROVINCE) {
    reader.read(end);
    identifier.stateOrProvince = decodeLatin1(reader.bytes, reader.start, reader.end);
  }
  identifier.reference = readString(reader, end);
  owner.organizationIdentifier = identifier;
  reader.finish(end);
  reader.position = end;
}
