import { type DerReader, Tag } from "../der.ts";
import { emptyGeneralNames, type GeneralNames, readGeneralName } from "../general_name.ts";
import { readObjectIdentifier } from "../oid.ts";
import { decodeLatin1 } from "../text.ts";

/** Where something about the issuer is to be had by a way other than OCSP and download. */
export interface OtherAccess {
  /** Dotted object identifier of the access method. */
  readonly method: string;
  /** One name. */
  readonly location: GeneralNames;
}

/** Where the issuer answers for a certificate (RFC 5280 4.2.2.1); locations that are no URI are left to `other`. */
export interface AuthorityInfoAccess {
  /** URIs of OCSP responders. */
  readonly ocsp: readonly string[];
  /** URIs of the issuer's certificate. */
  readonly issuers: readonly string[];
  readonly other: readonly OtherAccess[];
}

const OCSP = "1.3.6.1.5.5.7.48.1";
const CA_ISSUERS = "1.3.6.1.5.5.7.48.2";

/** Identifier octet of a URI among general names (context-specific). */
const URI_TAG = 0x86;

/** Reads the value of the extension; `owner` keeps what was read when the rest is broken. */
export function readAuthorityInfoAccess(
  reader: DerReader,
  limit: number,
  owner: { authorityInfoAccess: AuthorityInfoAccess | null },
): void {
  const ocsp: string[] = [];
  const issuers: string[] = [];
  const other: OtherAccess[] = [];
  owner.authorityInfoAccess = { ocsp, issuers, other };
  const end = reader.enter(Tag.sequence, limit);
  while (reader.position < end) {
    const descriptionEnd = reader.enter(Tag.sequence, end);
    const method = readObjectIdentifier(reader, descriptionEnd);
    const uris = method === OCSP ? ocsp : method === CA_ISSUERS ? issuers : null;
    if (uris !== null && reader.peek(descriptionEnd) === URI_TAG) {
      reader.read(descriptionEnd);
      uris.push(decodeLatin1(reader.bytes, reader.start, reader.end));
    } else {
      const location = emptyGeneralNames();
      readGeneralName(reader, descriptionEnd, location);
      other.push({ method, location });
    }
    reader.finish(descriptionEnd);
    reader.position = descriptionEnd;
  }
}
