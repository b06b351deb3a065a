import { type DerReader, Tag } from "../der.ts";
import { emptyNameSubtrees, type NameSubtrees, readNameSubtree } from "../general_name.ts";
import type { Mutable } from "../mutable.ts";

/** Which names an authority may issue for (RFC 5280 4.2.1.10). */
export interface NameConstraints {
  readonly permitted: NameSubtrees | null;
  readonly excluded: NameSubtrees | null;
}

/** Identifier octets inside NameConstraints (context-specific, implicit). */
const ConstraintTag = { permitted: 0xa0, excluded: 0xa1 } as const;

/** Reads the value of the extension; `owner` keeps what was read when the rest is broken. */
export function readNameConstraints(
  reader: DerReader,
  limit: number,
  owner: { nameConstraints: NameConstraints | null },
): void {
  const constraints: Mutable<NameConstraints> = { permitted: null, excluded: null };
  owner.nameConstraints = constraints;
  const end = reader.enter(Tag.sequence, limit);
  for (const which of ["permitted", "excluded"] as const) {
    if (reader.peek(end) !== ConstraintTag[which]) continue;
    const subtrees = emptyNameSubtrees();
    constraints[which] = subtrees;
    const listEnd = reader.enter(ConstraintTag[which], end);
    while (reader.position < listEnd) readSubtree(reader, listEnd, subtrees);
  }
  reader.finish(end);
  reader.position = end;
}

/** A GeneralSubtree: RFC 5280 gives `minimum` and `maximum` behind the base no use, so they are a flaw. */
function readSubtree(reader: DerReader, limit: number, subtrees: ReturnType<typeof emptyNameSubtrees>): void {
  const end = reader.enter(Tag.sequence, limit);
  readNameSubtree(reader, end, subtrees);
  reader.finish(end);
  reader.position = end;
}
