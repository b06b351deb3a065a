/**
 * A reader of DER (X.690) that allocates nothing per element: it moves over the octets it was given and says
 * where each element begins and ends.
 *
 * Cost is bounded by the input: every call reads one header and headers don't overlap, so a parser that enters
 * each element at most once takes fewer steps than there are octets.
 *
 * @module
 */

/** Identifier octets of the universal types that certificates use (X.680 8.6; 0x20 marks constructed). */
export const Tag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  numericString: 0x12,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  visibleString: 0x1a,
  universalString: 0x1c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Lengths of more octets than this are refused: no input is as long as 4 GiB. */
const LENGTH_OCTETS_MAX = 4;

/** The octets are not what DER or the expected type asks for. The message is a state: "element missing at octet 4". */
export class DerError extends Error {
  override readonly name = "DerError";
}

/** A cursor over DER. `head`, `tag`, `start` and `end` describe the element whose header was read last. */
export class DerReader {
  readonly bytes: Uint8Array;
  /** Offset of the next header. */
  position = 0;
  /** Offset of the identifier octet. */
  head = 0;
  /** Identifier octet, with its class and constructed bits. */
  tag = 0;
  /** Offset of the first content octet. */
  start = 0;
  /** Offset after the last content octet. */
  end = 0;
  /** The element entered last claims to reach beyond its container. */
  isCut = false;
  /** How many headers were read, or tried. */
  steps = 0;
  /** The first flaw that did not stop the reading, until {@linkcode takeFlaw} fetches it. */
  #flaw: string | null = null;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** The identifier octet at `position`, or -1 when the container that ends at `limit` holds nothing more. */
  peek(limit: number): number {
    return this.position < limit ? this.bytes[this.position]! : -1;
  }

  /** Reads one element that must lie before `limit`, moves past it and returns its identifier octet. */
  read(limit: number): number {
    this.#readHeader(limit);
    if (this.end > limit) throw new DerError(this.#describeOverrun(limit));
    this.position = this.end;
    return this.tag;
  }

  /** Like {@linkcode read}, but the element must have this tag. */
  expect(tag: number, limit: number): void {
    this.read(limit);
    if (this.tag !== tag) throw new DerError(this.#describeMismatch(tag));
  }

  /**
   * Enters an element: moves to its first content octet and returns the offset where its content ends. Content
   * that claims to reach beyond `limit` is cut there and noted as a flaw, so that what is there can be read.
   */
  enter(tag: number, limit: number): number {
    this.#readHeader(limit);
    if (this.tag !== tag) throw new DerError(this.#describeMismatch(tag));
    this.isCut = this.end > limit;
    if (this.isCut) {
      this.noteFlaw(this.#describeOverrun(limit));
      this.end = limit;
    }
    this.position = this.start;
    return this.end;
  }

  /** Returns the offset where the element at `position` ends, at most `limit`, without moving. */
  measure(limit: number): number {
    this.#readHeader(limit);
    return Math.min(this.end, limit);
  }

  /** Notes octets left between `position` and `end` as a flaw. */
  finish(end: number): void {
    if (this.position < end) this.noteFlaw(`${end - this.position} octets trail at octet ${this.position}`);
  }

  /** Notes that something is wrong; the reading goes on. Only the first flaw is kept: it tends to cause the rest. */
  noteFlaw(flaw: string): void {
    this.#flaw ??= flaw;
  }

  /** Returns the noted flaw and forgets it. */
  takeFlaw(): string | null {
    const flaw = this.#flaw;
    this.#flaw = null;
    return flaw;
  }

  /** Reads tag and length (X.690 8.1.2, 10.1). `end` may lie beyond `limit`; nothing at or after `limit` was read. */
  #readHeader(limit: number): void {
    this.steps += 1;
    const bytes = this.bytes;
    const head = this.position;
    if (head >= limit) throw new DerError(`element missing at octet ${head}`);
    this.head = head;
    this.tag = bytes[head]!;
    if ((this.tag & 0x1f) === 0x1f) throw new DerError(`tag number above 30 at octet ${head}`);
    if (head + 1 >= limit) throw new DerError(`length missing at octet ${head + 1}`);
    let length = bytes[head + 1]!;
    let start = head + 2;
    if (length >= 0x80) {
      const count = length & 0x7f;
      if (count === 0) throw new DerError(`indefinite length at octet ${head + 1}`);
      if (count > LENGTH_OCTETS_MAX) throw new DerError(`length of ${count} octets at octet ${head + 1}`);
      if (start + count > limit) throw new DerError(`length cut short at octet ${head + 1}`);
      length = 0;
      for (let index = 0; index < count; index += 1) length = length * 256 + bytes[start + index]!;
      if (length < 0x80 || bytes[start] === 0) throw new DerError(`length not minimal at octet ${head + 1}`);
      start += count;
    }
    this.start = start;
    this.end = start + length;
  }

  #describeOverrun(limit: number): string {
    return `element at octet ${this.head} reaches ${this.end - limit} octets beyond its container`;
  }

  #describeMismatch(tag: number): string {
    return `tag ${this.tag} where ${tag} is expected at octet ${this.head}`;
  }
}
