/** What a parser of a whole message returns instead of the message when the octets break its rules. */
export class Malformed {
  /** What was found, as in "Cannot read the flight: <reason>". */
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}
