import { type DerReader, Tag } from "../der.ts";
import { emptyGeneralNames, type GeneralNames, readGeneralNameList } from "../general_name.ts";
import { checkInteger, integerHex } from "../integer.ts";
import type { Mutable } from "../mutable.ts";
import { encodeHex } from "../text.ts";

/** RFC 5280 4.2.1.1. */
export interface AuthorityKeyIdentifier {
  /** Hexadecimal. */
  readonly keyIdentifier: string | null;
  readonly issuer: GeneralNames | null;
  /** Hexadecimal, as {@linkcode ParsedCertificate.serialNumber}. */
  readonly serialNumber: string | null;
}

/** Identifier octets inside AuthorityKeyIdentifier (context-specific, implicit). */
const AuthorityTag = { keyIdentifier: 0x80, issuer: 0xa1, serialNumber: 0x82 } as const;

/** Reads the value of the extension subjectKeyIdentifier (RFC 5280 4.2.1.2). */
export function readSubjectKeyIdentifier(
  reader: DerReader,
  limit: number,
  owner: { subjectKeyIdentifier: string | null },
): void {
  reader.expect(Tag.octetString, limit);
  owner.subjectKeyIdentifier = encodeHex(reader.bytes, reader.start, reader.end);
}

/** Reads the value of the extension authorityKeyIdentifier; `owner` keeps what was read when the rest is broken. */
export function readAuthorityKeyIdentifier(
  reader: DerReader,
  limit: number,
  owner: { authorityKeyIdentifier: AuthorityKeyIdentifier | null },
): void {
  const authority: Mutable<AuthorityKeyIdentifier> = {
    keyIdentifier: null,
    issuer: null,
    serialNumber: null,
  };
  owner.authorityKeyIdentifier = authority;
  const end = reader.enter(Tag.sequence, limit);
  if (reader.peek(end) === AuthorityTag.keyIdentifier) {
    reader.read(end);
    authority.keyIdentifier = encodeHex(reader.bytes, reader.start, reader.end);
  }
  if (reader.peek(end) === AuthorityTag.issuer) {
    const names = emptyGeneralNames();
    authority.issuer = names;
    readGeneralNameList(reader, reader.enter(AuthorityTag.issuer, end), names);
  }
  if (reader.peek(end) === AuthorityTag.serialNumber) {
    reader.read(end);
    checkInteger(reader);
    authority.serialNumber = integerHex(reader.bytes, reader.start, reader.end);
  }
  reader.finish(end);
  reader.position = end;
}
