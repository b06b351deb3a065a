import { DerError, type DerReader, Tag } from "../der.ts";
import { readInteger, smallInteger } from "../integer.ts";
import type { Mutable } from "../mutable.ts";
import { readObjectIdentifier } from "../oid.ts";
import { readString } from "../text.ts";

/** What a policy wants people to read. */
export interface UserNotice {
  readonly text: string | null;
  /** Of the reference to a text kept elsewhere: who has it, and its numbers there. */
  readonly organization: string | null;
  readonly numbers: readonly number[];
}

/** A qualifier that RFC 5280 doesn't define. */
export interface OtherQualifier {
  /** Dotted object identifier. */
  readonly identifier: string;
  /** DER of the qualifier: a view of the certificate's octets. */
  readonly value: Uint8Array;
}

/** A policy under which a certificate was issued (RFC 5280 4.2.1.4). */
export interface CertificatePolicy {
  /** Dotted object identifier. */
  readonly identifier: string;
  /** URIs of certification practice statements. */
  readonly cps: readonly string[];
  readonly notices: readonly UserNotice[];
  readonly otherQualifiers: readonly OtherQualifier[];
}

const CPS = "1.3.6.1.5.5.7.2.1";
const USER_NOTICE = "1.3.6.1.5.5.7.2.2";

interface PolicyLists {
  readonly identifier: string;
  readonly cps: string[];
  readonly notices: UserNotice[];
  readonly otherQualifiers: OtherQualifier[];
}

/** Reads the value of the extension; `owner` keeps what was read when the rest is broken. */
export function readCertificatePolicies(
  reader: DerReader,
  limit: number,
  owner: { certificatePolicies: readonly CertificatePolicy[] | null },
): void {
  const policies: CertificatePolicy[] = [];
  owner.certificatePolicies = policies;
  const end = reader.enter(Tag.sequence, limit);
  while (reader.position < end) {
    const policyEnd = reader.enter(Tag.sequence, end);
    const policy: PolicyLists = {
      identifier: readObjectIdentifier(reader, policyEnd),
      cps: [],
      notices: [],
      otherQualifiers: [],
    };
    policies.push(policy);
    if (reader.peek(policyEnd) === Tag.sequence) readQualifiers(reader, policyEnd, policy);
    reader.finish(policyEnd);
    reader.position = policyEnd;
  }
}

function readQualifiers(reader: DerReader, limit: number, policy: PolicyLists): void {
  const end = reader.enter(Tag.sequence, limit);
  while (reader.position < end) {
    const qualifierEnd = reader.enter(Tag.sequence, end);
    const identifier = readObjectIdentifier(reader, qualifierEnd);
    if (identifier === CPS) policy.cps.push(readString(reader, qualifierEnd));
    else if (identifier === USER_NOTICE) readUserNotice(reader, qualifierEnd, policy.notices);
    else {
      reader.read(qualifierEnd);
      policy.otherQualifiers.push({ identifier, value: reader.bytes.subarray(reader.head, reader.end) });
    }
    reader.finish(qualifierEnd);
    reader.position = qualifierEnd;
  }
}

function readUserNotice(reader: DerReader, limit: number, notices: UserNotice[]): void {
  const numbers: number[] = [];
  const notice: Mutable<UserNotice> = { text: null, organization: null, numbers };
  notices.push(notice);
  const end = reader.enter(Tag.sequence, limit);
  if (reader.peek(end) === Tag.sequence) {
    const referenceEnd = reader.enter(Tag.sequence, end);
    notice.organization = readString(reader, referenceEnd);
    const numbersEnd = reader.enter(Tag.sequence, referenceEnd);
    while (reader.position < numbersEnd) numbers.push(readNoticeNumber(reader, numbersEnd));
    reader.finish(referenceEnd);
    reader.position = referenceEnd;
  }
  if (reader.position < end) notice.text = readString(reader, end);
  reader.finish(end);
  reader.position = end;
}

function readNoticeNumber(reader: DerReader, limit: number): number {
  readInteger(reader, limit);
  const number = smallInteger(reader.bytes, reader.start, reader.end);
  if (number === null) throw new DerError(`notice number out of range at octet ${reader.start}`);
  return number;
}
