const NOTHING = new Uint8Array(0);

/**
 * A stretch of octets that lie among others. One is used again and again: a view of its own for each record costs more
 * than to read it.
 */
export class Span {
  octets: Uint8Array = NOTHING;
  start = 0;
  end = 0;

  get length(): number {
    return this.end - this.start;
  }

  show(octets: Uint8Array, start: number, end: number): void {
    this.octets = octets;
    this.start = start;
    this.end = end;
  }

  /** The stretch itself, not a copy. */
  view(): Uint8Array {
    return this.octets.subarray(this.start, this.end);
  }
}
