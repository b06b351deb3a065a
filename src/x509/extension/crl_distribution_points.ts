import { namedBits } from "../bit_string.ts";
import { type DerReader, Tag } from "../der.ts";
import { emptyGeneralNames, type GeneralNames, readGeneralNameList } from "../general_name.ts";
import type { Mutable } from "../mutable.ts";
import { type NameAttribute, readRelativeName } from "../name.ts";

/** A place where a certificate's revocation is told of (RFC 5280 4.2.1.13). */
export interface DistributionPoint {
  /** All of one list; `null` if there is no name, or only a relative one. */
  readonly names: GeneralNames | null;
  /** The list's name below that of its issuer. */
  readonly relativeName: readonly NameAttribute[] | null;
  /** RFC 5280's words for the reasons that are told there ("keyCompromise"); `null` for all. */
  readonly reasons: readonly string[] | null;
  /** Who issues the list, where that is not the certificate's issuer. */
  readonly issuer: GeneralNames | null;
}

/** Identifier octets inside DistributionPoint and DistributionPointName (context-specific). */
const PointTag = { name: 0xa0, fullName: 0xa0, relativeName: 0xa1, reasons: 0x81, issuer: 0xa2 } as const;

/** By bit. */
const REASONS = [
  "unused",
  "keyCompromise",
  "cACompromise",
  "affiliationChanged",
  "superseded",
  "cessationOfOperation",
  "certificateHold",
  "privilegeWithdrawn",
  "aACompromise",
];

/** Reads the value of the extension; `owner` keeps what was read when the rest is broken. */
export function readCrlDistributionPoints(
  reader: DerReader,
  limit: number,
  owner: { crlDistributionPoints: readonly DistributionPoint[] | null },
): void {
  const points: DistributionPoint[] = [];
  owner.crlDistributionPoints = points;
  const end = reader.enter(Tag.sequence, limit);
  while (reader.position < end) {
    const point: Mutable<DistributionPoint> = {
      names: null,
      relativeName: null,
      reasons: null,
      issuer: null,
    };
    points.push(point);
    const pointEnd = reader.enter(Tag.sequence, end);
    if (reader.peek(pointEnd) === PointTag.name) readPointName(reader, pointEnd, point);
    if (reader.peek(pointEnd) === PointTag.reasons) {
      reader.read(pointEnd);
      point.reasons = namedBits(reader, REASONS);
    }
    if (reader.peek(pointEnd) === PointTag.issuer) {
      const names = emptyGeneralNames();
      point.issuer = names;
      readGeneralNameList(reader, reader.enter(PointTag.issuer, pointEnd), names);
    }
    reader.finish(pointEnd);
    reader.position = pointEnd;
  }
}

function readPointName(reader: DerReader, limit: number, point: Mutable<DistributionPoint>): void {
  const end = reader.enter(PointTag.name, limit);
  if (reader.peek(end) === PointTag.relativeName) {
    const attributes: NameAttribute[] = [];
    point.relativeName = attributes;
    readRelativeName(reader, reader.enter(PointTag.relativeName, end), attributes);
  } else {
    const names = emptyGeneralNames();
    point.names = names;
    readGeneralNameList(reader, reader.enter(PointTag.fullName, end), names);
  }
  reader.finish(end);
  reader.position = end;
}
