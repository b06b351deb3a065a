/**
 * Statements of qualified certificates (RFC 3739 3.2.6, ETSI EN 319 412-5).
 *
 * @module
 */

import { DerError, type DerReader, Tag } from "../der.ts";
import { readInteger, signedInteger } from "../integer.ts";
import type { Mutable } from "../mutable.ts";
import { readObjectIdentifier } from "../oid.ts";
import { readString } from "../text.ts";

/** One statement as it came. */
export interface QualifiedStatement {
  /** Dotted object identifier. */
  readonly identifier: string;
  /** DER of what it says: a view of the certificate's octets; `null` if the identifier is all. */
  readonly value: Uint8Array | null;
}

/** An amount of `amount` times ten to the power of `exponent`. */
export interface MonetaryValue {
  /** ISO 4217, three letters or the number. */
  readonly currency: string;
  readonly amount: number;
  readonly exponent: number;
}

/** Where a disclosure statement is. */
export interface DisclosureLocation {
  readonly url: string;
  /** ISO 639-1. */
  readonly language: string;
}

/** What the issuer states of a qualified certificate. */
export interface QualifiedStatements {
  /** Every statement, in the certificate's order. */
  readonly statements: readonly QualifiedStatement[];
  /** QcCompliance: issued as a qualified certificate. */
  readonly isCompliant: boolean;
  /** QcLimitValue: what the issuer is liable for. */
  readonly limit: MonetaryValue | null;
  /** QcRetentionPeriod: for how many years the issuer keeps its records after the end. */
  readonly retentionYears: number | null;
  /** QcSSCD: the private key is in a qualified device. */
  readonly usesSecureDevice: boolean;
  /** QcPDS. */
  readonly disclosures: readonly DisclosureLocation[];
  /** QcType: "esign", "eseal", "web", or dotted object identifiers. */
  readonly types: readonly string[];
  /** QcCClegislation: ISO 3166 codes of the countries by whose law it is qualified; none for the European Union. */
  readonly legislation: readonly string[];
  /** Dotted object identifier of what names and numbers mean (RFC 3739, SemanticsInformation). */
  readonly semantics: string | null;
}

interface Draft extends Mutable<QualifiedStatements> {
  readonly statements: QualifiedStatement[];
  readonly disclosures: DisclosureLocation[];
  readonly types: string[];
  readonly legislation: string[];
}

const Statement = {
  semantics: "1.3.6.1.5.5.7.11.2",
  compliance: "0.4.0.1862.1.1",
  limit: "0.4.0.1862.1.2",
  retention: "0.4.0.1862.1.3",
  secureDevice: "0.4.0.1862.1.4",
  disclosures: "0.4.0.1862.1.5",
  types: "0.4.0.1862.1.6",
  legislation: "0.4.0.1862.1.7",
} as const;

const TYPES: ReadonlyMap<string, string> = new Map([
  ["0.4.0.1862.1.6.1", "esign"],
  ["0.4.0.1862.1.6.2", "eseal"],
  ["0.4.0.1862.1.6.3", "web"],
]);

/** Reads the value of the extension qcStatements; `owner` keeps what was read when the rest is broken. */
export function readQualifiedStatements(
  reader: DerReader,
  limit: number,
  owner: { qualifiedStatements: QualifiedStatements | null },
): void {
  const draft: Draft = {
    statements: [],
    isCompliant: false,
    limit: null,
    retentionYears: null,
    usesSecureDevice: false,
    disclosures: [],
    types: [],
    legislation: [],
    semantics: null,
  };
  owner.qualifiedStatements = draft;
  const end = reader.enter(Tag.sequence, limit);
  while (reader.position < end) {
    const statementEnd = reader.enter(Tag.sequence, end);
    const identifier = readObjectIdentifier(reader, statementEnd);
    const hasValue = reader.position < statementEnd;
    const value = hasValue ? reader.bytes.subarray(reader.position, reader.measure(statementEnd)) : null;
    draft.statements.push({ identifier, value });
    if (readStatement(reader, statementEnd, identifier, draft)) reader.finish(statementEnd);
    reader.position = statementEnd;
  }
}

/** Reads what follows the identifier; false if that is of no kind known here. */
function readStatement(reader: DerReader, limit: number, identifier: string, draft: Draft): boolean {
  switch (identifier) {
    case Statement.compliance:
      draft.isCompliant = true;
      return true;
    case Statement.secureDevice:
      draft.usesSecureDevice = true;
      return true;
    case Statement.limit:
      draft.limit = readMonetaryValue(reader, limit);
      return true;
    case Statement.retention:
      draft.retentionYears = readNumber(reader, limit);
      return true;
    case Statement.disclosures:
      readList(reader, limit, (end) => readDisclosure(reader, end, draft.disclosures));
      return true;
    case Statement.types:
      readList(reader, limit, (end) => {
        const type = readObjectIdentifier(reader, end);
        draft.types.push(TYPES.get(type) ?? type);
      });
      return true;
    case Statement.legislation:
      readList(reader, limit, (end) => draft.legislation.push(readString(reader, end)));
      return true;
    case Statement.semantics:
      readSemantics(reader, limit, draft);
      return true;
    default:
      return false;
  }
}

function readList(reader: DerReader, limit: number, readItem: (end: number) => void): void {
  const end = reader.enter(Tag.sequence, limit);
  while (reader.position < end) readItem(end);
}

function readMonetaryValue(reader: DerReader, limit: number): MonetaryValue {
  const end = reader.enter(Tag.sequence, limit);
  const isNumeric = reader.peek(end) === Tag.integer;
  const value = {
    currency: isNumeric ? String(readNumber(reader, end)) : readString(reader, end),
    amount: readNumber(reader, end),
    exponent: readNumber(reader, end),
  };
  reader.finish(end);
  reader.position = end;
  return value;
}

function readDisclosure(reader: DerReader, limit: number, disclosures: DisclosureLocation[]): void {
  const end = reader.enter(Tag.sequence, limit);
  disclosures.push({ url: readString(reader, end), language: readString(reader, end) });
  reader.finish(end);
  reader.position = end;
}

/** SemanticsInformation: the authorities that gave out the names, behind the identifier, are left to `statements`. */
function readSemantics(reader: DerReader, limit: number, draft: Draft): void {
  if (reader.position === limit) return;
  const end = reader.enter(Tag.sequence, limit);
  if (reader.peek(end) === Tag.objectIdentifier) draft.semantics = readObjectIdentifier(reader, end);
  reader.position = end;
}

function readNumber(reader: DerReader, limit: number): number {
  readInteger(reader, limit);
  const number = signedInteger(reader.bytes, reader.start, reader.end);
  if (number === null) throw new DerError(`number out of range at octet ${reader.start}`);
  return number;
}
