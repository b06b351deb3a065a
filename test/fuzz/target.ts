/** A parser of foreign bytes under test. */
export interface FuzzTarget {
  readonly name: string;
  /** Well-formed inputs that mutation starts from. */
  readonly seeds: readonly Uint8Array[];
  /**
   * Gives the parser one input, which must not be changed, and returns how many steps it took. Throws if the parser
   * throws, or breaks a bound or a promise.
   */
  run(input: Uint8Array): number;
}
