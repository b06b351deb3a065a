import { readBoolean } from "../boolean.ts";
import { type DerReader, Tag } from "../der.ts";
import { readInteger, smallInteger } from "../integer.ts";
import type { Mutable } from "../mutable.ts";

/** RFC 5280 4.2.1.9. */
export interface BasicConstraints {
  readonly isAuthority: boolean;
  /** How many intermediate certificates may follow; `null` if that is not limited. */
  readonly pathLength: number | null;
}

/** Reads the value of the extension; `owner` keeps what was read when the rest is broken. */
export function readBasicConstraints(
  reader: DerReader,
  limit: number,
  owner: { basicConstraints: BasicConstraints | null },
): void {
  const constraints: Mutable<BasicConstraints> = { isAuthority: false, pathLength: null };
  const end = reader.enter(Tag.sequence, limit);
  if (reader.peek(end) === Tag.boolean) constraints.isAuthority = readBoolean(reader, end);
  owner.basicConstraints = constraints;
  if (reader.peek(end) === Tag.integer) {
    readInteger(reader, end);
    constraints.pathLength = smallInteger(reader.bytes, reader.start, reader.end);
    if (constraints.pathLength === null) reader.noteFlaw(`path length out of range at octet ${reader.start}`);
  }
  reader.finish(end);
  reader.position = end;
}
